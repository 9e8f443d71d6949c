package io.redknot.cluster.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class IpTextTest {
  @Test
  void literalsGetTheFormOfInetNtop() {
    assertEquals("127.0.0.1", IpText.normalize("127.0.0.1"));
    assertEquals("::1", IpText.normalize("0:0:0:0:0:0:0:1"));
    assertEquals("2001:db8::ff00:42:8329", IpText.normalize("2001:DB8:0:0:0:ff00:42:8329"));
    assertEquals("1:0:2::3", IpText.normalize("1:0:2:0:0:0:0:3"));
    assertEquals("::", IpText.normalize("::"));
  }

  @Test
  void namesAndOddNumbersAreNotAddresses() {
    for (String text :
        new String[] {
          "localhost", "", "256.1.1.1", "1.2.3", "127.1", "01.2.3.4", "g::1", "[::1]"
        }) {
      assertNull(IpText.normalize(text), text);
    }
  }
}
