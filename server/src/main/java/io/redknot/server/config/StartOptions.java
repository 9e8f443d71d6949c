package io.redknot.server.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the arguments of the process ask for; they are those of redis-server. */
public sealed interface StartOptions {
  /** The version of Redknot. */
  String REDKNOT_VERSION = "0.1.0";

  /** The version of Redis whose behaviour clients are shown. */
  String REDIS_COMPATIBLE_VERSION = "7.2.4";

  /** Start the server. */
  record Run(ServerConfig config) implements StartOptions {}

  /**
   * Print a text and stop.
   *
   * @param isError print to standard error rather than standard output
   */
  record Print(String text, int exitCode, boolean isError) implements StartOptions {}

  /**
   * Reads the arguments: {@code [file] [-] [--directive value...]...}. The options count as lines
   * after those of the file, and overrule them.
   *
   * @throws ConfigFileException if the configuration has an error
   */
  static StartOptions parse(List<String> arguments, ConfigEnvironment environment)
      throws ConfigFileException {
    List<String> words = arguments.stream().map(StartOptions::asBytes).toList();
    Print print = StartTexts.forArguments(words);
    if (print != null) {
      return print;
    }
    CommandLine line = new CommandLine(words);
    ServerConfig config = new ServerConfig(environment);
    Path file = line.file == null ? null : absolute(line.file, environment);
    config.setConfigFile(file);
    new ConfigFileReader(config, environment.standardInput())
        .load(file, line.readsStandardInput, line.options());
    return new Run(config);
  }

  private static String asBytes(String argument) {
    byte[] raw = argument.getBytes(StandardCharsets.UTF_8);
    return new String(raw, StandardCharsets.ISO_8859_1);
  }

  private static Path absolute(String file, ConfigEnvironment environment)
      throws ConfigFileException {
    try {
      return environment.workingDirectory().resolve(DirectoryType.toPath(file));
    } catch (BadValueException notAPath) {
      throw ConfigFileException.unreadable(file, notAPath.reason());
    }
  }

  /** Turns {@code --name value...} into lines of a configuration file. */
  final class CommandLine {
    private final List<String> words;
    private final List<String> lines = new ArrayList<>();
    private final @Nullable String file;
    private boolean readsStandardInput;

    /** Whether the option before has its value, so that the next word may be an option again. */
    private boolean hasValue = true;

    CommandLine(List<String> words) {
      this.words = words;
      boolean startsWithFile = !words.isEmpty() && !words.getFirst().startsWith("-");
      this.file = startsWithFile ? words.getFirst() : null;
      for (int i = startsWithFile ? 1 : 0; i < words.size(); i++) {
        add(i);
      }
    }

    String options() {
      return String.join("\n", lines);
    }

    private void add(int index) {
      String word = words.get(index);
      boolean atEnd = index == 0 || index == words.size() - 1;
      if (word.equals("-") && atEnd) {
        readsStandardInput = true;
      } else if (hasValue && word.startsWith("--")) {
        addOption(index);
      } else {
        addValue(ConfigWords.quote(word));
      }
    }

    private void addOption(int index) {
      String word = words.get(index);
      lines.add(word.substring(2));
      List<String> parts = ConfigWords.split(word);
      hasValue = parts == null || parts.size() != 1;
      boolean isLast = index == words.size() - 1;
      // Scripts that build arguments from a list write a bare --save for an empty list.
      if (word.equalsIgnoreCase("--save") && (isLast || words.get(index + 1).startsWith("--"))) {
        addValue("\"\"");
      }
    }

    private void addValue(String quoted) {
      if (lines.isEmpty()) {
        lines.add(quoted);
      } else {
        lines.set(lines.size() - 1, lines.getLast() + " " + quoted);
      }
      hasValue = true;
    }
  }
}
