package io.redknot.server.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code dir}: the directory that relative file names start from. A process on the JVM cannot
 * change its working directory, so the value is always absolute, and a relative one is resolved
 * against the value before it, as a change of directory would do.
 */
record DirectoryType() implements ConfigType<Path> {
  @Override
  public Class<Path> valueClass() {
    return Path.class;
  }

  @Override
  public Path parse(List<String> words, @Nullable Path current) throws BadValueException {
    Path asked = toPath(words.getFirst());
    Path path = current == null ? asked : current.resolve(asked).normalize();
    if (words.getFirst().isEmpty() || !Files.exists(path)) {
      throw new BadValueException("No such file or directory");
    }
    if (!Files.isDirectory(path)) {
      throw new BadValueException("Not a directory");
    }
    if (!Files.isExecutable(path)) {
      throw new BadValueException("Permission denied");
    }
    return path;
  }

  @Override
  public String print(Path value) {
    return toText(value);
  }

  @Override
  public List<String> lines(String name, Path value) {
    return List.of(name + " " + ConfigWords.quote(print(value)));
  }

  @Override
  public String accepts() {
    return "an existing directory";
  }

  static Path toPath(String bytes) throws BadValueException {
    try {
      byte[] raw = bytes.getBytes(StandardCharsets.ISO_8859_1);
      return Path.of(new String(raw, StandardCharsets.UTF_8));
    } catch (InvalidPathException notAPath) {
      throw new BadValueException("No such file or directory");
    }
  }

  static String toText(Path path) {
    byte[] raw = path.toString().getBytes(StandardCharsets.UTF_8);
    return new String(raw, StandardCharsets.ISO_8859_1);
  }
}
