package io.redknot.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads redis.conf into a {@link ServerConfig}. A line is a directive and its words, split as
 * inline commands are; {@code #} starts a comment line. Later lines win, except that {@code save}
 * lines add up. The last part of the text may come from standard input and from the command line.
 */
final class ConfigFileReader {
  static final int FILE_BYTES_MAX = 16 << 20;
  static final int LINE_BYTES_MAX = 1 << 20;
  static final int INCLUDE_DEPTH_MAX = 16;
  static final int FILES_MAX = 4096;

  private static final String BAD_DIRECTIVE = "Bad directive or wrong number of arguments";
  private static final String BLANKS = " \t\r\n";

  /** Directives of older versions that mean nothing any more; each with one argument. */
  private static final Set<String> FORGOTTEN =
      Set.of("list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands");

  private final ServerConfig config;
  private final InputStream standardInput;
  private final Set<Setting<?>> seen = new HashSet<>();
  private final Map<String, Boolean> users = new HashMap<>();
  private int depth;
  private int files;

  ConfigFileReader(ServerConfig config, InputStream standardInput) {
    this.config = config;
    this.standardInput = standardInput;
  }

  /**
   * Reads the file, then standard input, then the options, and checks the whole.
   *
   * @param options lines as {@link StartOptions} makes them of the command line
   */
  void load(@Nullable Path file, boolean readsStandardInput, String options)
      throws ConfigFileException {
    String text = file == null ? "" : readFile(file);
    int stdinFrom = text.length();
    if (readsStandardInput) {
      text += readAll(standardInput, "standard input");
    }
    int optionsFrom = text.length();
    readLines(
        text + "\n" + options,
        offset -> {
          if (offset > optionsFrom) {
            return "command line";
          }
          return offset >= stdinFrom ? "standard input" : DirectoryType.toText(pathOf(file));
        });
    checkWhole();
  }

  private Path pathOf(@Nullable Path file) {
    return file == null ? config.dir.get() : file;
  }

  private interface Sources {
    String at(int offset);
  }

  private String readFile(Path file) throws ConfigFileException {
    files++;
    try (InputStream in = Files.newInputStream(file)) {
      return readAll(in, DirectoryType.toText(file));
    } catch (IOException unreadable) {
      throw ConfigFileException.unreadable(DirectoryType.toText(file), FileErrors.text(unreadable));
    }
  }

  private static String readAll(InputStream in, String name) throws ConfigFileException {
    try {
      byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
      if (bytes.length > FILE_BYTES_MAX) {
        throw ConfigFileException.unreadable(name, "larger than " + FILE_BYTES_MAX + " bytes");
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      throw ConfigFileException.unreadable(name, FileErrors.text(unreadable));
    }
  }

  private void readLines(String text, Sources sources) throws ConfigFileException {
    int number = 0;
    int from = 0;
    while (from <= text.length()) {
      int end = text.indexOf('\n', from);
      end = end < 0 ? text.length() : end;
      String line = trim(text, from, end);
      number++;
      if (!line.isEmpty() && line.charAt(0) != '#') {
        readLine(new ConfigLine(sources.at(from), number, line, List.of()));
      }
      from = end + 1;
    }
  }

  private static String trim(String text, int from, int end) {
    int first = from;
    int last = end;
    while (first < last && BLANKS.indexOf(text.charAt(first)) >= 0) {
      first++;
    }
    while (last > first && BLANKS.indexOf(text.charAt(last - 1)) >= 0) {
      last--;
    }
    return text.substring(first, last);
  }

  private void readLine(ConfigLine line) throws ConfigFileException {
    if (line.text().length() > LINE_BYTES_MAX) {
      ConfigLine cut = new ConfigLine(line.source(), line.number(), "...", List.of());
      throw ConfigFileException.at(cut, "longer than " + LINE_BYTES_MAX + " bytes");
    }
    List<String> words = ConfigWords.split(line.text());
    if (words == null) {
      throw ConfigFileException.at(line, "Unbalanced quotes in configuration line");
    }
    try {
      readWords(line, words);
    } catch (BadValueException bad) {
      throw ConfigFileException.at(line, bad.reason());
    }
  }

  private void readWords(ConfigLine line, List<String> words)
      throws BadValueException, ConfigFileException {
    String name = ConfigTable.lowerCase(words.getFirst());
    Setting<?> setting = config.find(name);
    if (setting != null) {
      List<String> values = words.subList(1, words.size());
      boolean again = !seen.add(setting);
      setting.assignLine(values, again);
      return;
    }
    boolean known =
        switch (name) {
          case "include" -> words.size() == 2;
          case "rename-command" -> words.size() == 3;
          case "user", "loadmodule" -> words.size() >= 2;
          case "sentinel" -> true;
          default -> FORGOTTEN.contains(name) && words.size() == 2;
        };
    if (!known) {
      throw new BadValueException(BAD_DIRECTIVE);
    }
    readSpecial(new ConfigLine(line.source(), line.number(), line.text(), words), name);
  }

  private void readSpecial(ConfigLine line, String name)
      throws BadValueException, ConfigFileException {
    switch (name) {
      case "include" -> include(line.words().get(1));
      case "rename-command" -> config.addRenamedCommand(line);
      case "user" -> addUser(line);
      case "loadmodule" -> throw new BadValueException("Redknot cannot load modules");
      case "sentinel" ->
          throw new BadValueException("sentinel directive while not in sentinel mode");
      default -> {
        // A forgotten directive; Redis passes it over without a word.
      }
    }
  }

  private void addUser(ConfigLine line) throws BadValueException {
    String user = line.words().get(1);
    if (users.put(user, true) != null) {
      throw new BadValueException(
          "Error in user declaration '%s': Duplicate user found. A user can only be defined once in"
              .concat(" config files")
              .formatted(user));
    }
    config.addUser(line);
  }

  /** A path without wildcards must exist; it starts from the directory that is set so far. */
  private void include(String pattern) throws BadValueException, ConfigFileException {
    Path path = config.dir.get().resolve(DirectoryType.toPath(pattern));
    List<Path> matches = NamePattern.isPattern(pattern) ? FilePattern.expand(path) : List.of(path);
    if (depth == INCLUDE_DEPTH_MAX) {
      throw new BadValueException("Files include each other deeper than " + INCLUDE_DEPTH_MAX);
    }
    depth++;
    for (Path file : matches) {
      if (files == FILES_MAX) {
        throw new BadValueException("More than " + FILES_MAX + " files are included");
      }
      String source = DirectoryType.toText(file);
      readLines(readFile(file), offset -> source);
    }
    depth--;
  }

  private void checkWhole() throws ConfigFileException {
    if (config.clusterEnabled.get()) {
      if (!config.replicaof.get().isNone()) {
        throw ConfigFileException.overall("replicaof directive not allowed in cluster mode");
      }
      config.put("databases", "1");
    }
    if (config.tlsReplication.get() || config.tlsCluster.get()) {
      throw ConfigFileException.overall(ServerConfig.NO_TLS_BETWEEN_NODES);
    }
    String logfile = config.logfile.get();
    if (!logfile.isEmpty()) {
      checkLogFile(logfile);
    }
  }

  private void checkLogFile(String logfile) throws ConfigFileException {
    try {
      Path path = config.dir.get().resolve(DirectoryType.toPath(logfile));
      Files.newByteChannel(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    } catch (IOException unwritable) {
      throw ConfigFileException.overall("Can't open the log file: " + FileErrors.text(unwritable));
    } catch (BadValueException notAPath) {
      throw ConfigFileException.overall("Can't open the log file: " + notAPath.reason());
    }
  }
}
