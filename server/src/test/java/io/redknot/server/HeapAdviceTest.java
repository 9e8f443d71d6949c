package io.redknot.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.HeapAdvice.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapAdviceTest {
  private static final List<String> MAPS =
      List.of(
          "1000-2000 r-xp 00000000 fe:00 1234                 /usr/bin/java",
          "2000-3000 rw-p 00000000 00:00 0                    [heap]",
          "10000-14000 rw-p 00000000 00:00 0 ",
          "14000-18000 rw-p 00000000 00:00 0 ",
          "18000-40000 ---p 00000000 00:00 0 ",
          "40000-41000 rw-p 00000000 00:00 0 ",
          "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]");

  @Test
  void memoryWithoutGapsIsOneRange() {
    Range heap = new Range(0x10000, 0x18000);
    assertEquals(heap, HeapAdvice.writable(MAPS, 0x10000));
    assertEquals(heap, HeapAdvice.writable(MAPS, 0x17fff));
    assertEquals(new Range(0x40000, 0x41000), HeapAdvice.writable(MAPS, 0x40800));
  }

  @Test
  void whatBelongsToAFileOrIsNotWritableIsNoHeap() {
    for (long address : new long[] {0, 0x1000, 0x2000, 0x4000, 0x18000, 0x3ffff, 0x41000}) {
      assertNull(HeapAdvice.writable(MAPS, address), Long.toHexString(address));
    }
  }

  @Test
  void theHeapOfThisProcessIsFoundAndAdvisedWhereTheKernelKnowsHugePages() throws IOException {
    boolean known = Files.exists(Path.of("/sys/kernel/mm/transparent_hugepage"));
    assertEquals(known, HeapAdvice.hugePages());
    if (known) {
      assertTrue(
          Files.readAllLines(Path.of("/proc/self/smaps")).stream()
              .anyMatch(line -> line.startsWith("VmFlags:") && line.contains(" hg")));
    }
  }
}
