package io.redknot.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ConfigDocsTest {
  @Test
  void thePageListsExactlyTheDirectivesOfTheTable() throws Exception {
    Path generated = Path.of("target", "configuration.md");
    Files.createDirectories(Path.of("target"));
    Files.writeString(generated, ConfigDocs.page());
    String page = Files.readString(Path.of("..", "docs", "configuration.md"));
    assertEquals(ConfigDocs.page(), page, "copy server/" + generated + " to docs/");
  }
}
