package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import org.junit.jupiter.api.Test;

class CommandCommandsTest {
  private final CommandTester tester = new CommandTester(RecordedCommands.table());

  @Test
  void countIsThatOfTheCommandsWithoutSubcommands() {
    assertEquals(":241 ", tester.resp2("command count"));
  }

  @Test
  void commandAloneAndInfoWithoutNamesDescribeEveryCommand() {
    String all = tester.resp2("command");
    assertTrue(all.startsWith("*241 *10 "), all.substring(0, 20));
    assertEquals(all, tester.resp2("command info"));
  }

  @Test
  void infoIsAnArrayOfTenWithANullForAnUnknownName() {
    String rest =
        "$5 flags *2 +RO +access "
            + "$12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :1 "
            + "$9 find_keys *4 $4 type $5 range $4 spec "
            + "*6 $7 lastkey :0 $7 keystep :1 $5 limit :0 *0 ";
    assertEquals(
        "*2 $-1 *10 $3 get :2 *2 +readonly +fast :1 :1 :1 *3 +@read +@string +@fast *0 *1 *6 "
            + rest,
        tester.resp2("command info foo GET"));
  }

  @Test
  void infoInResp3HasSetsAndMaps() {
    String index = "$12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :3 ";
    String range = "$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey ";
    assertEquals(
        "*2 _ *10 $7 migrate :-6 ~2 +write +movablekeys :3 :3 :1 "
            + "~4 +@keyspace +@write +@slow +@dangerous ~1 $23 nondeterministic_output ~2 "
            + "%3 $5 flags ~3 +RW +access +delete "
            + index
            + range
            + ":0 $7 keystep :1 $5 limit :0 "
            + "%3 $5 flags ~4 +RW +access +delete +incomplete "
            + "$12 begin_search %2 $4 type $7 keyword $4 spec %2 $7 keyword $4 KEYS "
            + "$9 startfrom :-2 "
            + range
            + ":-1 $7 keystep :1 $5 limit :0 ~0 ",
        tester.resp3("command info foo migrate"));
  }

  @Test
  void infoShowsCountedAndUnknownKeys() {
    String counted =
        "$9 find_keys %2 $4 type $6 keynum $4 spec "
            + "%3 $9 keynumidx :0 $8 firstkey :1 $7 keystep :1 ";
    assertTrue(tester.resp3("command info zdiff").contains(counted));
    String unknown =
        "$12 begin_search %2 $4 type $7 unknown $4 spec %0 "
            + "$9 find_keys %2 $4 type $7 unknown $4 spec %0 ";
    assertTrue(tester.resp3("command info sort").contains(unknown));
  }

  @Test
  void infoShowsTheNoteOfAKeySpecFirst() {
    CommandTable table = new CommandTable();
    new CommandCommands(table).register(table);
    table.add("one", 2, (ctx, args, out) -> {}).keys(KeySpec.at(1, "RO").noted("a note"));
    table.seal();
    assertTrue(
        new CommandTester(table)
            .resp3("command info one")
            .contains("~1 %4 $5 notes $6 a note $5 flags ~1 +RO "));
  }

  @Test
  void infoOfAContainerHasItsSubcommandsAndASubcommandCanBeNamed() {
    String subcommand = "*10 $11 memory|help :2 *2 +loading +stale :0 :0 :0 *1 +@slow *0 *0 *0 ";
    assertTrue(
        tester
            .resp3("command info memory")
            .startsWith("*1 *10 $6 memory :-2 ~0 :0 :0 :0 ~1 +@slow ~0 ~0 *6 *10 "));
    assertTrue(tester.resp2("command info memory").contains(subcommand));
    assertEquals("*1 " + subcommand, tester.resp2("command info MEMORY|Help"));
    assertEquals("*2 $-1 $-1 ", tester.resp2("command info memory| memory|nothing"));
  }

  @Test
  void listNamesCommandsAndSubcommands() {
    String all = tester.resp2("command list");
    assertTrue(all.startsWith("*370 "), all.substring(0, 20));
    assertTrue(all.contains("$10 config|get "));
  }

  @Test
  void listFiltersByCategoryPatternAndModule() {
    assertEquals(
        "*5 $7 discard $4 exec $5 multi $7 unwatch $5 watch ",
        tester.resp2("command list filterby aclcat TRANSACTION"));
    assertEquals("*0 ", tester.resp2("command list filterby aclcat nothing"));
    assertEquals("*1 $4 xlen ", tester.resp3("command list FILTERBY PATTERN XL[a-f]n"));
    assertEquals("*1 $11 xgroup|help ", tester.resp2("command list filterby pattern xgroup|h*"));
    assertEquals("*0 ", tester.resp2("command list filterby module nothing"));
  }

  @Test
  void listRefusesAnythingElse() {
    for (String rest :
        new String[] {
          "foo", "filterby", "filterby foo bar", "filterby pattern", "filterby pattern a b"
        }) {
      assertEquals("-ERR syntax error ", tester.resp2("command list " + rest), rest);
    }
  }

  @Test
  void helpIsAnArrayOfStatusStrings() {
    String help = tester.resp2("command help");
    assertTrue(
        help.startsWith(
            "*17 +COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are: +(no"));
    assertTrue(help.endsWith("+HELP +    Print this help. "));
  }

  @Test
  void docsIsAMapByNameThatLeavesUnknownNamesOut() {
    assertEquals("*0 ", tester.resp2("command docs nothing config|"));
    assertEquals("%0 ", tester.resp3("command docs nothing"));
    assertTrue(tester.resp3("command docs nothing GET").startsWith("%1 $3 get %5 $7 summary $"));
    assertTrue(tester.resp2("command docs get get").startsWith("*4 $3 get *10 $7 summary $"));
  }

  @Test
  void docsHasFlagsAndHistoryAsSetsAndArgumentsAsAnArrayOfMaps() {
    String copy = tester.resp3("command docs copy");
    assertTrue(
        copy.endsWith(
            "$9 arguments *4 "
                + "%3 $4 name $6 source $4 type $3 key $14 key_spec_index :0 "
                + "%3 $4 name $11 destination $4 type $3 key $14 key_spec_index :1 "
                + "%4 $4 name $14 destination-db $4 type $7 integer "
                + "$5 token $2 DB $5 flags ~1 +optional "
                + "%4 $4 name $7 replace $4 type $10 pure-token "
                + "$5 token $7 REPLACE $5 flags ~1 +optional "),
        copy);
    String getset = tester.resp3("command docs getset");
    assertTrue(
        getset.contains(
            "$9 doc_flags ~1 +deprecated $16 deprecated_since $5 6.2.0 $11 replaced_by"),
        getset);
    assertTrue(tester.resp3("command docs set").contains("$7 history ~4 *2 $6 2.6.12 $"));
    assertTrue(tester.resp2("command docs set").contains("$7 history *4 *2 $6 2.6.12 $"));
  }

  @Test
  void docsOfAContainerEndWithAMapOfItsSubcommands() {
    String object = tester.resp3("command docs object");
    assertTrue(object.contains("$11 subcommands %5 $15 object|encoding %5 $7 summary "), object);
    assertTrue(
        tester.resp3("command docs object|freq").startsWith("%1 $11 object|freq %5 $7 summary "));
  }

  @Test
  void docsShowsOnlyWhatIsInTheTable() {
    CommandTable table = new CommandTable();
    new CommandCommands(table).register(table);
    table.container("memory", -2).sub("doctor", 2, (ctx, args, out) -> {});
    table.seal();
    CommandTester small = new CommandTester(table);
    String all = small.resp3("command docs");
    assertTrue(all.startsWith("%2 $7 command %"), all.substring(0, 30));
    assertTrue(all.contains("$11 subcommands %1 $13 memory|doctor "));
    assertFalse(all.contains("$3 get "));
    assertEquals("%0 ", small.resp3("command docs get"));
  }
}
