package io.redknot.server.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.stats.RateSampler.Metric;
import org.junit.jupiter.api.Test;

class RateSamplerTest {
  private static final long SECOND = 1_000_000_000L;

  private final ServerStats stats = new ServerStats(1);
  private final LoopStats loop = stats.addLoop();
  private final RateSampler rates = new RateSampler(0);

  private void second(long second, long commands, long bytesIn) {
    loop.commandsProcessed += commands;
    loop.bytesIn += bytesIn;
    rates.sample(stats, second * SECOND);
  }

  @Test
  void rateIsTheMeanOfTheLastSixteenSamples() {
    second(1, 1600, 0);
    assertEquals(100, rates.perSecond(Metric.COMMANDS));
    for (int i = 2; i <= RateSampler.SAMPLES; i++) {
      second(i, 1600, 32);
    }
    assertEquals(1600, rates.perSecond(Metric.COMMANDS));
    assertEquals(30, rates.perSecond(Metric.BYTES_IN));
    assertEquals(0, rates.perSecond(Metric.BYTES_OUT));
  }

  @Test
  void rateFallsToZeroWhenNothingHappensAnyMore() {
    second(1, 5000, 5000);
    for (int i = 2; i <= RateSampler.SAMPLES + 1; i++) {
      second(i, 0, 0);
    }
    assertEquals(0, rates.perSecond(Metric.COMMANDS));
  }

  @Test
  void aResetOfTheCountersDoesNotDisturbTheRates() {
    second(1, 1600, 0);
    stats.reset();
    second(2, 1600, 0);
    assertEquals(200, rates.perSecond(Metric.COMMANDS));
  }

  @Test
  void aClockThatStandsStillTakesNoSample() {
    second(1, 1600, 0);
    second(1, 1600, 0);
    assertEquals(100, rates.perSecond(Metric.COMMANDS));
  }
}
