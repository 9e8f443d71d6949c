package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes of one client to keys of its own, and what has to be there because of them: what was
 * acknowledged, once, and of what had no answer perhaps something, but nothing twice. A write
 * without an answer cannot happen any more once a later one has been answered.
 *
 * <p>Thread: one at a time.
 */
final class Ledger {
  private static final int FIELDS = 10;
  private static final String NOTHING = "(nothing)";

  private final String name;
  private final ClusterRequests client;
  private final int slots;
  private final Map<String, Count> counters = new TreeMap<>();
  private final Map<String, Sequence> lists = new TreeMap<>();
  private final Map<String, Register> strings = new TreeMap<>();
  private final Map<String, Register> fields = new TreeMap<>();
  private int acknowledged;
  private int failed;
  private @Nullable RuntimeException lastFailure;

  /**
   * An empty ledger.
   *
   * @param name ends the names of its keys, before their kinds
   * @param slots its keys lie in so many slots, from 0 on
   */
  Ledger(String name, ClusterRequests client, int slots) {
    this.name = name;
    this.client = client;
    this.slots = slots;
  }

  /** A number that only grows, by one at a time. */
  private static final class Count {
    private long known;
    private long doubtful;

    void refuseUnlessNext(String key, long told) {
      assertTrue(
          told > known && told <= known + 1 + doubtful,
          () -> key + " is " + told + " after " + known + " and " + doubtful + " without answer");
      known = told;
      doubtful = 0;
    }

    void check(String key, long found) {
      assertTrue(
          found >= known && found <= known + doubtful,
          () -> key + " is " + found + " after " + known + " and " + doubtful + " without answer");
      known = found;
      doubtful = 0;
    }
  }

  /** What was appended, in its order. */
  private static final class Sequence {
    private final Count length = new Count();
    private final List<String> sent = new ArrayList<>();
    private final Set<String> doubtful = new HashSet<>();

    void check(String key, List<String> found) {
      Deque<String> left = new ArrayDeque<>(found);
      for (String element : sent) {
        if (element.equals(left.peek())) {
          left.remove();
        } else {
          assertTrue(doubtful.contains(element), () -> key + " lost " + element + ": " + found);
        }
      }
      assertTrue(left.isEmpty(), () -> key + " has " + left + " too often, or never sent");
      length.check(key, found.size());
    }
  }

  /** What was last written, and what may have been written since. */
  private static final class Register {
    private final Set<String> possible = new HashSet<>(Set.of(NOTHING));

    void written(String value) {
      possible.clear();
      possible.add(value);
    }

    void check(String key, @Nullable String found) {
      String value = found == null ? NOTHING : found;
      assertTrue(possible.contains(value), () -> key + " is " + value + ", not of " + possible);
      written(value);
    }
  }

  /** Number of writes that were acknowledged. */
  int acknowledged() {
    return acknowledged;
  }

  /** Number of requests that were refused or had no answer. */
  int failed() {
    return failed;
  }

  /** Why the last of them was. */
  @Nullable RuntimeException lastFailure() {
    return lastFailure;
  }

  /** Always false: the request has failed. */
  private boolean fail(RuntimeException why) {
    lastFailure = why;
    failed++;
    return false;
  }

  /**
   * Writes to each of the keys of a slot.
   *
   * @return whether all was answered
   * @throws AssertionError where an answer is not what it has to be
   */
  boolean write(int step) {
    String tag = "{" + Slots.tagIn(step % slots) + "}" + name + ":";
    boolean whole = count(tag + "counter") && append(tag + "list", "element" + step);
    return whole && put(tag + "string", "value" + step) && put(tag + "hash", step);
  }

  private boolean count(String key) {
    Count count = counters.computeIfAbsent(key, _ -> new Count());
    try {
      count.refuseUnlessNext(key, client.incr(key));
      acknowledged++;
      return true;
    } catch (ClusterRequests.Unanswered maybe) {
      count.doubtful++;
      return fail(maybe);
    } catch (ClusterRequests.Refused notDone) {
      return fail(notDone);
    }
  }

  private boolean append(String key, String element) {
    Sequence list = lists.computeIfAbsent(key, _ -> new Sequence());
    try {
      list.length.refuseUnlessNext(key, client.rpush(key, element));
      list.sent.add(element);
      acknowledged++;
      return true;
    } catch (ClusterRequests.Unanswered maybe) {
      list.length.doubtful++;
      list.sent.add(element);
      list.doubtful.add(element);
      return fail(maybe);
    } catch (ClusterRequests.Refused notDone) {
      return fail(notDone);
    }
  }

  private boolean put(String key, String value) {
    Register register = strings.computeIfAbsent(key, _ -> new Register());
    try {
      client.set(key, value);
      register.written(value);
      acknowledged++;
      register.check(key, client.get(key));
      return true;
    } catch (ClusterRequests.Unanswered maybe) {
      register.possible.add(value);
      return fail(maybe);
    } catch (ClusterRequests.Refused notDone) {
      return fail(notDone);
    }
  }

  private boolean put(String key, int step) {
    String field = "field" + step % FIELDS;
    String value = "value" + step;
    Register register = fields.computeIfAbsent(key + " " + field, _ -> new Register());
    try {
      client.hset(key, field, value);
      register.written(value);
      acknowledged++;
      register.check(key, client.hget(key, field));
      return true;
    } catch (ClusterRequests.Unanswered maybe) {
      register.possible.add(value);
      return fail(maybe);
    } catch (ClusterRequests.Refused notDone) {
      return fail(notDone);
    }
  }

  /**
   * Reads all that was ever written.
   *
   * @throws AssertionError where it is not what it has to be
   */
  void check() {
    counters.forEach(
        (key, count) -> {
          String found = client.get(key);
          count.check(key, found == null ? 0 : Long.parseLong(found));
        });
    lists.forEach((key, list) -> list.check(key, client.elements(key)));
    strings.forEach((key, string) -> string.check(key, client.get(key)));
    fields.forEach(
        (key, register) -> {
          String[] words = key.split(" ", -1);
          register.check(key, client.hget(words[0], words[1]));
        });
  }

  /** Names of the keys that exist, by what was last read. */
  Set<String> keys() {
    Set<String> keys = new HashSet<>();
    counters.forEach((key, count) -> addIf(keys, key, count.known > 0));
    lists.forEach((key, list) -> addIf(keys, key, list.length.known > 0));
    strings.forEach((key, string) -> addIf(keys, key, !string.possible.contains(NOTHING)));
    fields.forEach(
        (key, field) -> addIf(keys, key.split(" ", -1)[0], !field.possible.contains(NOTHING)));
    return keys;
  }

  private static void addIf(Set<String> keys, String key, boolean exists) {
    if (exists) {
      keys.add(key);
    }
  }
}
