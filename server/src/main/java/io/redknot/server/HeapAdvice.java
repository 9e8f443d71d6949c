package io.redknot.server;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells Linux how the JVM's heap is used. Advice changes no content, so that it does no harm where
 * the heap has moved meanwhile.
 *
 * <p>Source: madvise(2); proc_pid_maps(5).
 */
final class HeapAdvice {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final int MADV_HUGEPAGE = 14;

  private HeapAdvice() {}

  /**
   * A range of addresses.
   *
   * @param end behind the last one
   */
  record Range(long start, long end) {}

  /**
   * Asks for huge pages for what the heap has now.
   *
   * @return false: there is no such advice here, or the heap was not found
   */
  static boolean hugePages() {
    if (!Files.isReadable(MAPS)) {
      return false;
    }
    try {
      Range heap = writable(Files.readAllLines(MAPS), addressOf(new byte[1]));
      return heap != null && madvise(heap) == 0;
    } catch (IOException unreadable) {
      return false;
    }
  }

  /**
   * The anonymous memory without gaps around an address that can be written to.
   *
   * @param maps lines of /proc/pid/maps, in the order of their addresses
   * @return null where the address does not lie in such memory
   */
  static @Nullable Range writable(List<String> maps, long address) {
    long start = 0;
    long end = 0;
    for (String line : maps) {
      String[] fields = line.split(" +", -1);
      boolean isHeapLike =
          (fields.length == 5 || fields[5].isEmpty()) && fields[1].startsWith("rw-p");
      int dash = fields[0].indexOf('-');
      long from = Long.parseUnsignedLong(fields[0].substring(0, dash), 16);
      if (!isHeapLike || from != end) {
        if (start <= address && address < end) {
          break;
        }
        start = from;
        end = from;
      }
      if (isHeapLike) {
        end = Long.parseUnsignedLong(fields[0].substring(dash + 1), 16);
      }
    }
    return start <= address && address < end ? new Range(start, end) : null;
  }

  /** Where an array is at this moment: what memchr returns that finds a zero at once. */
  private static long addressOf(byte[] zeros) {
    MethodHandle memchr =
        function(
            "memchr",
            FunctionDescriptor.of(
                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, size()),
            Linker.Option.critical(true));
    try {
      var found = (MemorySegment) memchr.invokeExact(MemorySegment.ofArray(zeros), 0, 1L);
      return found.address();
    } catch (Throwable failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static int madvise(Range range) {
    MethodHandle madvise =
        function(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, size(), ValueLayout.JAVA_INT));
    try {
      return (int)
          madvise.invokeExact(
              MemorySegment.ofAddress(range.start()), range.end() - range.start(), MADV_HUGEPAGE);
    } catch (Throwable failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** size_t, which has 8 bytes wherever Redknot runs on Linux. */
  private static MemoryLayout size() {
    return ValueLayout.JAVA_LONG;
  }

  @SuppressWarnings("restricted") // the launcher allows native access
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
  }
}
