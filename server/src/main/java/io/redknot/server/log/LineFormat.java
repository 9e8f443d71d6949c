package io.redknot.server.log;

import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneRules;

/**
 * The head of a log line.
 *
 * <pre>
 *   pid:role DD Mon YYYY HH:MM:SS.mmm mark text
 *   role: M primary, S replica, X sentinel, C child
 * </pre>
 *
 * <p>Written by hand, without a date formatter, which would cost a tenth of the start.
 */
final class LineFormat {
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final long MS_PER_DAY = 86_400_000L;

  private final long pid;
  private final ZoneRules zone;

  LineFormat(long pid, ZoneId zone) {
    this.pid = pid;
    this.zone = zone.getRules();
  }

  void head(StringBuilder line, char role, long unixMs, char mark) {
    line.append(pid).append(':').append(role).append(' ');
    long offsetMs = zone.getOffset(Instant.ofEpochMilli(unixMs)).getTotalSeconds() * 1000L;
    date(line, Math.floorDiv(unixMs + offsetMs, MS_PER_DAY));
    time(line, Math.floorMod(unixMs + offsetMs, MS_PER_DAY));
    line.append(' ').append(mark).append(' ');
  }

  /** Days since 1970 to the civil date; a year begins in March, so that leap days come last. */
  private static void date(StringBuilder line, long days) {
    long shifted = days + 719_468;
    long era = Math.floorDiv(shifted, 146_097);
    long ofEra = shifted - era * 146_097;
    long year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
    long ofYear = ofEra - (365 * year + year / 4 - year / 100);
    long marchMonth = (5 * ofYear + 2) / 153;
    int day = (int) (ofYear - (153 * marchMonth + 2) / 5) + 1;
    int month = (int) (marchMonth < 10 ? marchMonth + 2 : marchMonth - 10);
    digits(line, day, 10);
    line.append(' ').append(MONTHS, month * 3, month * 3 + 3).append(' ');
    line.append(year + era * 400 + (month < 2 ? 1 : 0)).append(' ');
  }

  private static void time(StringBuilder line, long ms) {
    digits(line, (int) (ms / 3_600_000), 10);
    line.append(':');
    digits(line, (int) (ms / 60_000 % 60), 10);
    line.append(':');
    digits(line, (int) (ms / 1000 % 60), 10);
    line.append('.');
    digits(line, (int) (ms % 1000), 100);
  }

  private static void digits(StringBuilder line, int value, int highest) {
    for (int place = highest; place > 0; place /= 10) {
      line.append((char) ('0' + value / place % 10));
    }
  }
}
