package io.redknot.server.info;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the operating system tells of the machine and of this process. Memory and processor time
 * come from {@code /proc} and are 0 where there is none. The only file that asks the JVM for its
 * properties.
 *
 * <p>Format: proc(5), "/proc/pid/stat", "/proc/pid/statm", "/proc/meminfo".
 */
final class Platform {
  private static final long PAGE_BYTES = 4096;

  /** USER_HZ, which is part of Linux's interface and the same on every architecture in use. */
  private static final int TICKS_PER_SECOND = 100;

  private static final int UTIME_FIELD = 14;

  private Platform() {}

  /**
   * Processor time in seconds.
   *
   * @param childrenUser of children that have ended and been waited for
   */
  record CpuTime(double user, double system, double childrenUser, double childrenSystem) {
    static final CpuTime UNKNOWN = new CpuTime(0, 0, 0, 0);
  }

  /** Name, release and architecture, as uname prints them. */
  static String operatingSystem() {
    return System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + " "
        + architecture(String.valueOf(System.getProperty("os.arch")));
  }

  private static String architecture(String java) {
    return java.equals("amd64") ? "x86_64" : java;
  }

  /** The program this process runs, as a path; empty where that cannot be known. */
  static String executable() {
    return ProcessHandle.current().info().command().orElse("");
  }

  /** Resident memory of this process in bytes. */
  static long residentBytes() {
    String[] fields = read("/proc/self/statm").split(" ", -1);
    return fields.length < 2 ? 0 : Long.parseLong(fields[1]) * PAGE_BYTES;
  }

  /** Memory of the machine in bytes. */
  static long totalMemoryBytes() {
    for (String line : read("/proc/meminfo").split("\n", -1)) {
      if (line.startsWith("MemTotal:")) {
        String digits = line.replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits) * 1024;
      }
    }
    return 0;
  }

  /** Processor time of the whole process. */
  static CpuTime processCpu() {
    return cpu(read("/proc/self/stat"));
  }

  /** Processor time of the thread that asks. */
  static CpuTime threadCpu() {
    return cpu(read("/proc/thread-self/stat"));
  }

  static CpuTime cpu(String stat) {
    // The second field is a name in brackets that may hold blanks.
    int nameEnd = stat.lastIndexOf(')');
    String[] fields =
        nameEnd < 0 ? new String[0] : stat.substring(nameEnd + 1).strip().split(" ", -1);
    int first = UTIME_FIELD - 3;
    if (fields.length < first + 4) {
      return CpuTime.UNKNOWN;
    }
    return new CpuTime(
        seconds(fields[first]),
        seconds(fields[first + 1]),
        seconds(fields[first + 2]),
        seconds(fields[first + 3]));
  }

  private static double seconds(String ticks) {
    return Long.parseLong(ticks) / (double) TICKS_PER_SECOND;
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    } catch (IOException unknownHere) {
      return "";
    }
  }
}
