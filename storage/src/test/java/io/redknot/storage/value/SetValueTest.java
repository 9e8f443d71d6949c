package io.redknot.storage.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetValueTest {
  private final Map<String, Set<String>> model = new HashMap<>();
  private SplittableRandom random = new SplittableRandom(0);
  private Keyspace keys = new Shards(1, 1, random::nextLong).shard(0).keyspace(0);
  private SetLimits limits = new SetLimits(512, 128, 64);

  private void start(long seed) {
    random = new SplittableRandom(seed);
    keys = new Shards(1, 1, random::nextLong).shard(0).keyspace(0);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private long find(String key) {
    byte[] k = bytes(key);
    return keys.find(k, 0, k.length, keys.slotOf(k, 0, k.length));
  }

  private void add(String key, String member, int hint) {
    byte[] both = bytes(key + member);
    int at = key.length();
    int n = member.length();
    long found = find(key);
    long ref =
        found == 0
            ? SetValue.create(keys, both, 0, at, at, n, hint, limits)
            : SetValue.prepare(keys, found, hint, limits);
    ref = SetValue.add(keys, ref, both, at, n, limits);
    assertEquals(ref, find(key));
    members(key).add(member);
    assertEquals(members(key).size(), SetValue.count(keys, ref));
  }

  private Set<String> members(String key) {
    return model.computeIfAbsent(key, k -> new HashSet<>());
  }

  private void remove(String key, String member) {
    byte[] m = bytes(member);
    long ref = find(key);
    boolean known = members(key).remove(member);
    if (ref != 0) {
      assertEquals(known, SetValue.contains(keys, ref, m, 0, m.length));
      removeIfEmpty(key, SetValue.remove(keys, ref, m, 0, m.length));
    }
  }

  private void removeIfEmpty(String key, long ref) {
    assertEquals(members(key).size(), SetValue.count(keys, ref));
    if (members(key).isEmpty()) {
      keys.remove(ref);
    }
  }

  private static ElementVisitor to(List<String> seen) {
    return (member, at, length, value, valueAt, valueLength) ->
        seen.add(new String(member, at, length, ISO_8859_1));
  }

  private List<String> all(String key) {
    List<String> seen = new ArrayList<>();
    if (find(key) != 0) {
      SetValue.forEach(keys, find(key), to(seen));
    }
    return seen;
  }

  private void assertIsModel(String key, String seed) {
    List<String> seen = all(key);
    assertEquals(members(key), new HashSet<>(seen), seed);
    assertEquals(members(key).size(), seen.size(), seed);
    for (String member : members(key)) {
      byte[] m = bytes(member);
      assertTrue(SetValue.contains(keys, find(key), m, 0, m.length), seed + " " + member);
    }
  }

  private String member(int kinds) {
    int i = random.nextInt(kinds);
    return switch (i % 5) {
      case 0 -> "m" + i;
      case 1 -> Long.toString((long) i << 33);
      default -> Integer.toString(i - 20);
    };
  }

  private void pop(String key) {
    long ref = find(key);
    int count = members(key).size();
    if (ref == 0) {
      return;
    }
    List<String> popped = new ArrayList<>();
    long now;
    if (count > 1 && random.nextBoolean()) {
      int wanted = 1 + random.nextInt(count - 1);
      now = SetValue.popSeveral(keys, ref, wanted, to(popped));
      assertEquals(wanted, popped.size());
    } else {
      now = SetValue.pop(keys, ref, to(popped));
      assertEquals(1, popped.size());
    }
    popped.forEach(member -> assertTrue(members(key).remove(member), member));
    removeIfEmpty(key, now);
  }

  @ParameterizedTest(name = "seed {0}, {1} kinds, limits {2} {3} {4}")
  @CsvSource({
    "1, 60, 512, 128, 64",
    "2, 60, 8, 20, 9",
    "3, 900, 512, 128, 64",
    "4, 5, 512, 128, 64",
    "5, 100, 0, 0, 0",
    "6, 3000, 30, 40, 64"
  })
  void setsAreThoseOfTheModel(long seed, int kinds, long intset, long listpack, long bytes) {
    start(seed);
    limits = new SetLimits(intset, listpack, bytes);
    for (int i = 0; i < 20_000; i++) {
      String key = "k" + random.nextInt(3);
      int choice = random.nextInt(100);
      if (choice < (i % 6000 < 4000 ? 60 : 30)) {
        add(key, member(kinds), 1 + random.nextInt(3));
      } else if (choice < 97) {
        remove(key, member(kinds));
      } else if (choice == 97) {
        pop(key);
      }
      if (i % 500 == 0) {
        keys.memory().compact(100_000, 0);
        assertIsModel(key, "seed " + seed);
        checkAlgebra("seed " + seed);
      }
    }
  }

  private void checkAlgebra(String seed) {
    long[] refs = {find("k0"), find("k1"), find("k2")};
    SetAlgebra algebra = new SetAlgebra(keys, limits, refs);
    Set<String> common = new HashSet<>(members("k0"));
    common.retainAll(members("k1"));
    common.retainAll(members("k2"));
    assertHolds(algebra.intersection(), common, seed);
    assertEquals(common.size(), algebra.countIntersection(Long.MAX_VALUE), seed);
    assertEquals(Math.min(2, common.size()), algebra.countIntersection(2), seed);
    Set<String> union = new HashSet<>(members("k0"));
    union.addAll(members("k1"));
    union.addAll(members("k2"));
    assertHolds(algebra.union(), union, seed);
    Set<String> difference = new HashSet<>(members("k0"));
    difference.removeAll(members("k1"));
    difference.removeAll(members("k2"));
    assertHolds(algebra.difference(), difference, seed);
    SetAlgebra twice = new SetAlgebra(keys, limits, new long[] {refs[0], refs[0]});
    assertHolds(twice.difference(), Set.of(), seed);
  }

  private void assertHolds(SetBuilder built, Set<String> expected, String seed) {
    List<String> seen = new ArrayList<>();
    built.forEach(to(seen));
    assertEquals(expected, new HashSet<>(seen), seed);
    assertEquals(expected.size(), built.count(), seed);
    if (expected.isEmpty()) {
      built.release();
      return;
    }
    built.store(find("target"), bytes("target"), 0, 6);
    model.put("target", new HashSet<>(expected));
    assertIsModel("target", seed);
    keys.remove(find("target"));
    while (keys.memory().releaseDropped(1000) > 0) {}
  }

  private String encoding(String key) {
    return ValueType.SET.encodingName(keys, find(key));
  }

  private void addAll(String key, int from, int to) {
    IntStream.range(from, to).forEach(i -> add(key, "" + i, 1));
  }

  @Test
  void encodingFollowsTheMembers() {
    addAll("k", 0, 512);
    assertEquals("intset", encoding("k"));
    add("k", "512", 1);
    assertEquals("hashtable", encoding("k"));
    addAll("few", 0, 127);
    add("few", "x", 1);
    assertEquals("listpack", encoding("few"));
    add("few", "y", 1);
    assertEquals("hashtable", encoding("few"));
    addAll("more", 0, 128);
    add("more", "x", 1);
    assertEquals("hashtable", encoding("more"));
    add("long", "x".repeat(64), 1);
    assertEquals("listpack", encoding("long"));
    add("long", "y".repeat(65), 1);
    assertEquals("hashtable", encoding("long"));
  }

  @Test
  void encodingFollowsTheNumberOfMembersAnnounced() {
    add("a", "1", 512);
    assertEquals("intset", encoding("a"));
    add("b", "1", 513);
    assertEquals("hashtable", encoding("b"));
    add("c", "x", 128);
    assertEquals("listpack", encoding("c"));
    add("d", "x", 129);
    assertEquals("hashtable", encoding("d"));
    add("c", "x", 129);
    assertEquals("hashtable", encoding("c"));
    add("a", "1", 513);
    assertEquals("hashtable", encoding("a"));
  }

  @Test
  void shortIntegersBesideALongMemberStayNoListpack() {
    limits = new SetLimits(512, 128, 5);
    add("k", "123456", 1);
    add("k", "x", 1);
    assertEquals("hashtable", encoding("k"));
    add("l", "12345", 1);
    add("l", "x", 1);
    assertEquals("listpack", encoding("l"));
  }

  @Test
  void storedResultsOfIntegersAreIntsets() {
    add("a", "x", 1);
    addAll("a", 0, 300);
    addAll("b", 100, 400);
    SetBuilder both =
        new SetAlgebra(keys, limits, new long[] {find("a"), find("b")}).intersection();
    both.store(find("c"), bytes("c"), 0, 1);
    assertEquals("intset", encoding("c"));
    SetBuilder union = new SetAlgebra(keys, limits, new long[] {find("a")}).union();
    union.store(find("c"), bytes("c"), 0, 1);
    assertEquals("hashtable", encoding("c"));
  }

  /** Five standard deviations above the mean of a chi-square distribution. */
  static void assertUniform(Map<String, Integer> counts, int kinds, double expected) {
    double sum = 0;
    for (int count : counts.values()) {
      sum += (count - expected) * (count - expected) / expected;
    }
    sum += (kinds - counts.size()) * expected;
    assertTrue(sum < kinds + 5 * Math.sqrt(2.0 * kinds), sum + " for " + kinds);
  }

  @ParameterizedTest(name = "{0} members, {1} popped, prefix \"{2}\"")
  @CsvSource({
    "10, 1, ''",
    "10, 4, ''",
    "10, 1, m",
    "10, 4, m",
    "200, 1, m",
    "200, 50, m",
    "200, 190, m"
  })
  void membersArePoppedAlikeOften(int members, int popped, String prefix) {
    start(members + popped);
    Map<String, Integer> counts = new HashMap<>();
    int rounds = 30 * members / popped;
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < members; i++) {
        add("k", prefix + i, 1);
      }
      List<String> seen = new ArrayList<>();
      if (popped == 1) {
        SetValue.pop(keys, find("k"), to(seen));
      } else {
        SetValue.popSeveral(keys, find("k"), popped, to(seen));
      }
      seen.forEach(member -> counts.merge(member, 1, Integer::sum));
      seen.forEach(members("k")::remove);
    }
    assertUniform(counts, members, (double) rounds * popped / members);
  }

  @ParameterizedTest(name = "{0} members, {1} picked, prefix \"{2}\": {3}")
  @CsvSource({
    "10, 1, '', intset",
    "10, 4, '', intset",
    "300, 200, '', intset",
    "10, 1, m, listpack",
    "10, 3, m, listpack",
    "100, 60, m, listpack",
    "300, 1, m, hashtable",
    "300, 20, m, hashtable",
    "300, 200, m, hashtable"
  })
  void membersArePickedAlikeOften(int members, int picks, String prefix, String encoding) {
    long seed = 1000L * members + picks;
    start(seed);
    for (int i = 0; i < members; i++) {
      add("k", prefix + i, 1);
    }
    assertEquals(encoding, encoding("k"));
    Map<String, Integer> distinct = new HashMap<>();
    Map<String, Integer> repeated = new HashMap<>();
    int rounds = 60 * members / picks;
    for (int round = 0; round < rounds; round++) {
      List<String> seen = new ArrayList<>();
      RandomElements.distinct(keys, find("k"), picks, to(seen));
      assertEquals(picks, new HashSet<>(seen).size(), "seed " + seed);
      seen.forEach(member -> distinct.merge(member, 1, Integer::sum));
      seen.clear();
      RandomElements.repeated(keys, find("k"), picks, to(seen));
      assertEquals(picks, seen.size(), "seed " + seed);
      seen.forEach(member -> repeated.merge(member, 1, Integer::sum));
    }
    assertTrue(members("k").containsAll(distinct.keySet()), "seed " + seed);
    assertTrue(members("k").containsAll(repeated.keySet()), "seed " + seed);
    assertUniform(distinct, members, (double) rounds * picks / members);
    assertUniform(repeated, members, (double) rounds * picks / members);
  }
}
