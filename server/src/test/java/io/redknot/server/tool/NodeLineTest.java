package io.redknot.server.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeLineTest {
  private static final String ID = "07c37dfeb235213a872192d90877d0cd55635b91";

  @Test
  void primaryLineGivesSlotsWithoutMigrationMarks() throws IOException {
    NodeLine line =
        only(
            ID
                + " 10.0.0.1:7000@17000,host-a myself,master - 0 5 9 connected 7 10-19 [3->-"
                + ID
                + "]");
    assertTrue(line.myself());
    assertFalse(line.replica());
    assertTrue(line.joined());
    assertEquals("10.0.0.1:7000", line.address());
    assertEquals(17000, line.busPort());
    assertEquals(List.of("7", "10-19"), line.slots());
    assertEquals(11, line.slotCount());
  }

  @Test
  void replicaLineNamesItsPrimary() throws IOException {
    NodeLine line = only("aa :7003@17003 slave " + ID + " 0 5 9 connected");
    assertTrue(line.replica());
    assertEquals(ID, line.primaryId());
    assertEquals(17003, line.busPort());
    assertEquals(0, line.slotCount());
  }

  @Test
  void nodeInHandshakeOrDisconnectedHasNotJoined() throws IOException {
    assertFalse(only("aa 1.1.1.1:1@2 handshake - 0 0 0 connected").joined());
    assertFalse(only("aa :0@0 master,noaddr - 0 0 0 connected").joined());
    assertFalse(only("aa 1.1.1.1:1@2 master - 0 0 0 disconnected").joined());
  }

  @Test
  void suspectedAndDeadNodesFail() throws IOException {
    assertTrue(only("aa 1.1.1.1:1@2 master,fail? - 0 0 0 connected").failing());
    assertTrue(only("aa 1.1.1.1:1@2 slave,fail bb 0 0 0 connected").failing());
    assertFalse(only("aa 1.1.1.1:1@2 master,nofailover - 0 0 0 connected").failing());
  }

  @Test
  void lineWithTooFewFieldsIsRefused() {
    assertThrows(IOException.class, () -> NodeLine.parseAll("aa 1.1.1.1:1@2 master\n"));
  }

  private static NodeLine only(String text) throws IOException {
    List<NodeLine> lines = NodeLine.parseAll(text + "\n");
    assertEquals(1, lines.size());
    return lines.getFirst();
  }
}
