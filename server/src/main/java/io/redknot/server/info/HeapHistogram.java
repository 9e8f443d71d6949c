package io.redknot.server.info;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** What lives on the Java heap, as {@code jcmd PID GC.class_histogram} tells it. */
public final class HeapHistogram {
  private static final String DIAGNOSTICS = "com.sun.management:type=DiagnosticCommand";
  private static final String OPERATION = "gcClassHistogram";

  private HeapHistogram() {}

  /**
   * Lines of rank, instances, bytes and class, the most bytes first; where the JVM has no such
   * diagnostics, a sentence that says so. The JVM collects garbage first and stands still
   * meanwhile.
   */
  public static String text() {
    try {
      Object histogram =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName(DIAGNOSTICS),
                  OPERATION,
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      return String.valueOf(histogram);
    } catch (JMException missing) {
      return "This JVM tells nothing of its heap: " + missing.getMessage() + "\n";
    }
  }
}
