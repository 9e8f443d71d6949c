package io.redknot.server.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NameTest {
  private static Name name(String text) {
    return new Name(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void namesOfOneHashAreToldApartByTheirOrder() {
    Name one = name("Aa");
    Name other = name("BB");
    assertEquals(one.hashCode(), other.hashCode());
    assertNotEquals(one, other);
    assertTrue(one.compareTo(other) < 0);
    assertTrue(other.compareTo(one) > 0);
    assertEquals(name("Aa"), one);
    assertEquals(0, name("Aa").compareTo(one));
  }
}
