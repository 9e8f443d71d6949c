package io.redknot.storage.aof;

import io.redknot.storage.aof.AofFile.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a manifest line by line, and refuses what Redis refuses. */
final class ManifestParser {
  private static final String BAD_FORMAT = "Invalid AOF manifest file format";

  /** {@code file}, {@code seq} and {@code type}, each with its value. */
  private static final int WORDS_MIN = 6;

  /** What a message shows of a line that is too long. */
  private static final int SHOWN_BYTES_MAX = 80;

  private final String text;
  private int at;
  private int number;
  private String line = "";

  private @Nullable AofFile base;
  private final List<AofFile> history = new ArrayList<>();
  private final List<AofFile> increments = new ArrayList<>();

  ManifestParser(String text) {
    this.text = text;
  }

  AofManifest parse() throws ManifestException {
    if (text.isEmpty()) {
      throw failure("Found an empty AOF manifest");
    }
    while (at < text.length()) {
      number++;
      if (text.charAt(at) == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end + 1;
      } else {
        nextLine();
        add(file());
      }
    }
    return new AofManifest(base, history, increments);
  }

  private ManifestException failure(String reason) {
    return new ManifestException(number, line.strip(), reason);
  }

  private void nextLine() throws ManifestException {
    int end = text.indexOf('\n', at) + 1;
    boolean tooLong = end == 0 || end - at > AofManifest.LINE_BYTES_MAX;
    line = text.substring(at, tooLong ? Math.min(text.length(), at + SHOWN_BYTES_MAX) : end);
    if (tooLong) {
      throw failure("The AOF manifest file contains too long line");
    }
    at = end;
  }

  private AofFile file() throws ManifestException {
    List<String> words = ManifestWords.split(line);
    if (words == null || words.size() < WORDS_MIN || words.size() % 2 != 0) {
      throw failure(BAD_FORMAT);
    }
    String name = "";
    long seq = 0;
    String type = "";
    for (int i = 0; i < words.size(); i += 2) {
      String value = words.get(i + 1);
      switch (words.get(i).toLowerCase(Locale.ROOT)) {
        case "file" -> name = fileName(value);
        case "seq" -> seq = leadingNumber(value);
        case "type" -> type = value;
        default -> {
          // A newer version says more; this one need not know.
        }
      }
    }
    if (name.isEmpty() || seq <= 0 || type.isEmpty()) {
      throw failure(BAD_FORMAT);
    }
    return new AofFile(name, seq, role(type.charAt(0)));
  }

  private String fileName(String value) throws ManifestException {
    if (value.indexOf('/') >= 0 || value.indexOf('\\') >= 0) {
      throw failure("File can't be a path, just a filename");
    }
    if (value.indexOf('\0') >= 0 || value.equals(".") || value.equals("..")) {
      throw failure(BAD_FORMAT);
    }
    return value;
  }

  /** The number that a word begins with, as the C library reads it; 0 where it is none. */
  private static long leadingNumber(String word) {
    int end = 0;
    while (end < word.length() && word.charAt(end) >= '0' && word.charAt(end) <= '9') {
      end++;
    }
    try {
      return end == 0 ? 0 : Long.parseLong(word.substring(0, end));
    } catch (NumberFormatException tooLarge) {
      return 0;
    }
  }

  private Role role(char letter) throws ManifestException {
    for (Role role : Role.values()) {
      if (role.letter() == letter) {
        return role;
      }
    }
    throw failure("Unknown AOF file type");
  }

  private void add(AofFile file) throws ManifestException {
    switch (file.role()) {
      case BASE -> {
        if (base != null) {
          throw failure("Found duplicate base file information");
        }
        base = file;
      }
      case HISTORY -> history.add(file);
      case INCREMENT -> {
        if (!increments.isEmpty() && file.seq() <= increments.getLast().seq()) {
          throw failure("Found a non-monotonic sequence number");
        }
        increments.add(file);
      }
    }
  }
}
