package io.redknot.server.info;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PlatformTest {
  private static final String BEHIND = " S 1 2 3 4 5 6 7 8 9 10 250 125 30 4 20 0 12 0 99";

  @Test
  void processorTimeIsReadBehindANameThatHoldsBracketsAndBlanks() {
    Platform.CpuTime time = Platform.cpu("4711 (a (strange) name)" + BEHIND);
    assertEquals(new Platform.CpuTime(2.5, 1.25, 0.3, 0.04), time);
  }

  @Test
  void processorTimeIsUnknownWhereNothingTellsIt() {
    assertEquals(Platform.CpuTime.UNKNOWN, Platform.cpu(""));
    assertEquals(Platform.CpuTime.UNKNOWN, Platform.cpu("1 (short) S 1 2"));
  }
}
