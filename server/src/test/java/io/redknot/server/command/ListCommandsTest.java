package io.redknot.server.command;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * All commands of lists against two plain {@link ArrayList}s, at the limits that nodes have by
 * default: the differential test has small ones.
 */
class ListCommandsTest {
  private static final int STEPS = 2500;
  private static final String[] SIDES = {"left", "right"};
  private static RunningServer running;

  private final List<List<String>> lists = List.of(new ArrayList<>(), new ArrayList<>());
  private SplittableRandom random = new SplittableRandom(0);

  @BeforeAll
  static void start() {
    running = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private record Call(String reply, List<String> words) {}

  private static Call call(String reply, Object... words) {
    List<String> texts = new ArrayList<>();
    for (Object word : words) {
      texts.add(word.toString());
    }
    return new Call(reply, texts);
  }

  private static String bulk(String text) {
    return "$" + text.length() + "\r\n" + text + "\r\n";
  }

  private static String array(List<String> texts) {
    return "*" + texts.size() + "\r\n" + texts.stream().map(s -> bulk(s)).collect(joining());
  }

  private static String integer(long value) {
    return ":" + value + "\r\n";
  }

  /** Often the same ones, so that searches find something; some are numbers, a few are long. */
  private String element() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> "common" + random.nextInt(40);
      case 3, 4 -> "" + (random.nextLong() >> random.nextInt(64));
      case 5, 6 -> "t".repeat(random.nextInt(70)) + random.nextInt(1000);
      default -> "x".repeat(random.nextInt(50) == 0 ? 9000 : 300);
    };
  }

  private boolean add(List<String> list, String element, boolean left) {
    list.add(left ? 0 : list.size(), element);
    return true;
  }

  private static String take(List<String> list, boolean left) {
    return list.remove(left ? 0 : list.size() - 1);
  }

  private static List<String> take(List<String> list, boolean left, int most) {
    List<String> taken = new ArrayList<>();
    while (taken.size() < most && !list.isEmpty()) {
      taken.add(take(list, left));
    }
    return taken;
  }

  private Call push(List<String> list, int key, boolean left) {
    String only = random.nextInt(3) == 0 ? "x" : "";
    boolean adds = only.isEmpty() || !list.isEmpty();
    List<String> words = new ArrayList<>(List.of((left ? "lpush" : "rpush") + only, "" + key));
    for (int i = random.nextInt(12); i >= 0; i--) {
      words.add(element());
      boolean _ = adds && add(list, words.getLast(), left);
    }
    return new Call(integer(list.size()), words);
  }

  private Call pop(List<String> list, int key, boolean left) {
    String name = left ? "lpop" : "rpop";
    boolean empty = list.isEmpty();
    int most = 1 + random.nextInt(8);
    String shownKey = bulk("" + key);
    return switch (random.nextInt(4)) {
      case 0 -> call(empty ? "$-1\r\n" : bulk(take(list, left)), name, key);
      case 1 -> call(empty ? "*-1\r\n" : array(take(list, left, most)), name, key, most);
      case 2 ->
          empty
              ? call("$-1\r\n", name, key)
              : call("*2\r\n" + shownKey + bulk(take(list, left)), "b" + name, key, 0);
      default -> popFromFirst(list, key, left, most);
    };
  }

  private Call popFromFirst(List<String> list, int key, boolean left, int most) {
    String side = SIDES[left ? 0 : 1];
    if (list.isEmpty()) {
      return call("*-1\r\n", "lmpop", 1, key, side, "count", most);
    }
    String reply = "*2\r\n" + bulk("" + key) + array(take(list, left, most));
    return random.nextBoolean()
        ? call(reply, "lmpop", 2, "none", key, side, "count", most)
        : call(reply, "blmpop", 0, 2, "none", key, side, "count", most);
  }

  private Call move(int from, int to, boolean left, boolean toLeft) {
    boolean blocks = random.nextBoolean() && !lists.get(from).isEmpty();
    String reply = "$-1\r\n";
    if (!lists.get(from).isEmpty()) {
      String moved = take(lists.get(from), left);
      add(lists.get(to), moved, toLeft);
      reply = bulk(moved);
    }
    if (!left && toLeft && random.nextBoolean()) {
      return blocks ? call(reply, "brpoplpush", from, to, 0) : call(reply, "rpoplpush", from, to);
    }
    String source = SIDES[left ? 0 : 1];
    String target = SIDES[toLeft ? 0 : 1];
    return blocks
        ? call(reply, "blmove", from, to, source, target, 0)
        : call(reply, "lmove", from, to, source, target);
  }

  /** An index of an element, from either end. */
  private int index(List<String> list) {
    return random.nextInt(-list.size(), list.size());
  }

  private static int fromFront(List<String> list, int index) {
    return index < 0 ? index + list.size() : index;
  }

  private Call read(List<String> list, int key) {
    int index = index(list);
    int other = index(list);
    int from = fromFront(list, index);
    int to = Math.max(from, fromFront(list, other) + 1);
    String wanted = random.nextBoolean() ? list.get(from) : element();
    return switch (random.nextInt(4)) {
      case 0 -> call(integer(list.size()), "llen", key);
      case 1 -> call(bulk(list.get(from)), "lindex", key, index);
      case 2 -> call(array(list.subList(from, to)), "lrange", key, index, other);
      default -> {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < list.size() && found.size() < 3; i++) {
          boolean _ = list.get(i).equals(wanted) && found.add(integer(i));
        }
        String reply = "*" + found.size() + "\r\n" + String.join("", found);
        yield call(reply, "lpos", key, wanted, "count", 3);
      }
    };
  }

  private Call edit(List<String> list, int key) {
    int index = index(list);
    int at = fromFront(list, index);
    String made = element();
    return switch (random.nextInt(4)) {
      case 0 -> {
        list.set(at, made);
        yield call("+OK\r\n", "lset", key, index, made);
      }
      case 1 -> {
        String pivot = list.get(at);
        boolean behind = random.nextBoolean();
        list.add(list.indexOf(pivot) + (behind ? 1 : 0), made);
        String side = behind ? "after" : "before";
        yield call(integer(list.size()), "linsert", key, side, pivot, made);
      }
      case 2 -> {
        int most = random.nextInt(-4, 5);
        yield call(integer(remove(list, made, most)), "lrem", key, most, made);
      }
      default -> {
        int cut = Math.min(random.nextInt(20), list.size() - 1);
        boolean left = random.nextBoolean();
        take(list, left, cut);
        yield call("+OK\r\n", "ltrim", key, left ? cut : 0, left ? -1 : -1 - cut);
      }
    };
  }

  private static int remove(List<String> list, String text, int most) {
    List<String> order = most < 0 ? list.reversed() : list;
    int removed = 0;
    while ((most == 0 || removed < Math.abs(most)) && order.remove(text)) {
      removed++;
    }
    return removed;
  }

  private Call next(int most) {
    int key = random.nextInt(2);
    List<String> list = lists.get(key);
    boolean left = random.nextBoolean();
    int kind = random.nextInt(10);
    if (kind < 2 && list.size() < most) {
      return push(list, key, left);
    }
    if (kind < 4) {
      return pop(list, key, left);
    }
    if (kind < 5 || list.isEmpty()) {
      return move(key, random.nextInt(2), left, random.nextBoolean());
    }
    return kind < 8 ? read(list, key) : edit(list, key);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "3, 4000", "4, 4000"})
  void everyCommandDoesWhatItDoesToPlainLists(long seed, int elements) {
    random = new SplittableRandom(seed);
    List<String> done = new ArrayList<>();
    try (RawClient client = running.connect()) {
      client.command("flushall").reply();
      for (int i = 0; i < elements; i++) {
        add(lists.get(0), element(), false);
        client.command("rpush", "0", lists.get(0).getLast()).reply();
      }
      for (int i = 0; i < STEPS; i++) {
        Call call = next(elements + 60);
        done.add(String.join(" ", call.words()));
        assertEquals(call.reply(), client.command(call.words().toArray(new String[0])).reply());
      }
      for (int key = 0; key < 2; key++) {
        assertEquals(array(lists.get(key)), client.command("lrange", "" + key, "0", "-1").reply());
      }
    } catch (AssertionError failure) {
      List<String> last = done.subList(Math.max(0, done.size() - 3), done.size());
      throw new AssertionError("seed " + seed + ", step " + done.size() + ": " + last, failure);
    }
  }
}
