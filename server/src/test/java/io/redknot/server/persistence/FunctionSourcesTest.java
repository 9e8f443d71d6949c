package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FunctionSourcesTest {
  private final FunctionSources sources = new FunctionSources();

  private boolean apply(String... words) {
    byte[][] bytes = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      bytes[i] = words[i].getBytes(StandardCharsets.ISO_8859_1);
    }
    return sources.apply(Args.of(bytes));
  }

  private List<String> all() {
    List<String> texts = new ArrayList<>();
    for (byte[] source : sources.all()) {
      texts.add(new String(source, StandardCharsets.ISO_8859_1));
    }
    return texts;
  }

  @Test
  void commandsAddReplaceAndRemoveLibraries() {
    assertTrue(apply("FUNCTION", "LOAD", "#!lua name=a\nfirst"));
    assertTrue(apply("function", "load", "#!lua  name=b\nfirst"));
    assertTrue(apply("FUNCTION", "LOAD", "REPLACE", "#!lua name=a\nsecond"));
    assertEquals(List.of("#!lua name=a\nsecond", "#!lua  name=b\nfirst"), all());
    assertTrue(apply("FUNCTION", "DELETE", "a"));
    assertEquals(List.of("#!lua  name=b\nfirst"), all());
    assertTrue(apply("FUNCTION", "FLUSH", "SYNC"));
    assertEquals(List.of(), all());
  }

  @Test
  void otherCommandsAreNotTaken() {
    assertFalse(apply("SET", "k", "v"));
    assertFalse(apply("FUNCTION"));
    assertFalse(apply("FUNCTION", "LOAD"));
    assertFalse(apply("FUNCTION", "RESTORE", "payload"));
  }
}
