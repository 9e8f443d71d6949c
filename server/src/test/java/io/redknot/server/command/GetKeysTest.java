package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class GetKeysTest {
  private final CommandTester tester = new CommandTester(RecordedCommands.table());

  @Test
  void keysAndFlagsOfEveryRecordedCallAreThoseOfARealServer() {
    Map<String, List<String>> calls = transcript();
    assertTrue(calls.size() > 150, "calls: " + calls.size());
    calls.forEach(
        (call, answer) ->
            assertEquals(withFlags(answer), tester.resp2("command getkeysandflags " + call), call));
  }

  @Test
  void keysWithoutFlagsAreTheSameKeys() {
    transcript()
        .forEach(
            (call, answer) ->
                assertEquals(withoutFlags(answer), tester.resp2("COMMAND GETKEYS " + call), call));
  }

  @Test
  void everyDocumentedCommandIsAmongTheCalls() {
    Set<String> called = new TreeSet<>();
    transcript().keySet().forEach(call -> called.add(call.split(" ", 2)[0]));
    Set<String> documented = new TreeSet<>();
    new CommandDocs().all().keySet().forEach(name -> documented.add(name.split("\\|", 2)[0]));
    documented.removeAll(called);
    assertEquals(Set.of(), documented);
  }

  @Test
  void aSingleWordIsACallWithTooFewWords() {
    String error = "-ERR Invalid number of arguments specified for command ";
    assertEquals(error, tester.resp2("command getkeys get"));
    assertEquals(error, tester.resp2("command getkeysandflags get"));
    assertEquals(
        "-ERR The command has no key arguments ", tester.resp2("command getkeys randomkey"));
    assertEquals("-ERR The command has no key arguments ", tester.resp2("command getkeys config"));
    assertEquals("-ERR Invalid command specified ", tester.resp2("command getkeys nothing"));
  }

  @Test
  void flagsAreASetOfStatusStringsInResp3() {
    assertEquals("*1 *2 $1 k ~2 +OW +update ", tester.resp3("command getkeysandflags set k v"));
    assertEquals("*1 $1 k ", tester.resp3("command getkeys set k v"));
  }

  /** Calls and the lines of their answers. */
  private static Map<String, List<String>> transcript() {
    Map<String, List<String>> calls = new LinkedHashMap<>();
    List<String> answer = new ArrayList<>();
    for (String line : RecordedCommands.lines("getkeys-7.0.txt")) {
      if (line.startsWith("> ")) {
        answer = new ArrayList<>();
        calls.put(line.substring(2), answer);
      } else if (!line.equals("(none)")) {
        answer.add(line);
      }
    }
    return calls;
  }

  private static String withFlags(List<String> answer) {
    StringBuilder reply = new StringBuilder();
    for (String line : keys(answer, reply)) {
      String[] flags = flags(line);
      reply.append("*2 ").append(bulk(line)).append("*").append(flags.length).append(' ');
      for (String flag : flags) {
        reply.append('+').append(flag).append(' ');
      }
    }
    return reply.toString();
  }

  private static String withoutFlags(List<String> answer) {
    StringBuilder reply = new StringBuilder();
    for (String line : keys(answer, reply)) {
      reply.append(bulk(line));
    }
    return reply.toString();
  }

  /** The lines of keys; an error, which has none, or the head of the array goes to the reply. */
  private static List<String> keys(List<String> answer, StringBuilder reply) {
    if (!answer.isEmpty() && answer.getFirst().startsWith("! ")) {
      reply.append('-').append(answer.getFirst(), 2, answer.getFirst().length()).append(' ');
      return List.of();
    }
    reply.append('*').append(answer.size()).append(' ');
    return answer;
  }

  private static String bulk(String line) {
    String key = line.substring(1, line.lastIndexOf('"'));
    return "$" + key.length() + " " + key + " ";
  }

  private static String[] flags(String line) {
    return line.substring(line.lastIndexOf('"') + 2).split(" ");
  }
}
