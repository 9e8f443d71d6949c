package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.stats.LatencyHistogram;
import io.redknot.server.stats.LatencyMonitor;
import io.redknot.server.stats.LoopStats;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/** The LATENCY family. */
final class LatencyCommands {
  private static final long FIRST_STEP_NANOS = 1024;
  private static final String NONDETERMINISTIC = "nondeterministic_output";
  private static final String ALL_NODES = "request_policy:all_nodes";

  private LatencyCommands() {}

  static void register(CommandTable table) {
    CommandSpec latency = table.container("latency", -2);
    report(latency, "doctor", 2, LatencyCommands::doctor);
    report(latency, "graph", 3, LatencyCommands::graph);
    report(latency, "histogram", -2, LatencyCommands::histogram);
    report(latency, "history", 3, LatencyCommands::history);
    report(latency, "latest", 2, LatencyCommands::latest);
    latency
        .sub("reset", -2, LatencyCommands::reset)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
        .tips(ALL_NODES, "response_policy:agg_sum");
    latency.sub("help", 2, HELP).flags(LOADING, STALE);
  }

  private static final CommandHandler HELP =
      (ctx, args, out) ->
          HelpReply.write(
              out,
              "LATENCY",
              "DOCTOR",
              "    A report for people.",
              "GRAPH <event>",
              "    The spikes of an event as a drawing.",
              "HISTOGRAM [<command> ...]",
              "    How the durations of commands are spread, cumulative, in microseconds.",
              "HISTORY <event>",
              "    The spikes of an event with their times.",
              "LATEST",
              "    The last and the longest spike of every event.",
              "RESET [<event> ...]",
              "    Forget the spikes of events, or of all.");

  private static void report(CommandSpec latency, String name, int arity, CommandHandler handler) {
    latency
        .sub(name, arity, handler)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
        .tips(NONDETERMINISTIC, ALL_NODES, "response_policy:special");
  }

  private static void latest(CommandContext ctx, Args args, RespWriter out) {
    List<LatencyMonitor.Latest> events = ctx.server().latencies().latest();
    out.array(events.size());
    for (LatencyMonitor.Latest event : events) {
      out.array(4);
      out.bulk(event.event());
      out.integer(event.unixSeconds());
      out.integer(event.durationMs());
      out.integer(event.maxMs());
    }
  }

  private static void history(CommandContext ctx, Args args, RespWriter out) {
    List<LatencyMonitor.Sample> samples = ctx.server().latencies().history(args.text(2));
    out.array(samples.size());
    for (LatencyMonitor.Sample sample : samples) {
      out.array(2);
      out.integer(sample.unixSeconds());
      out.integer(sample.durationMs());
    }
  }

  private static void reset(CommandContext ctx, Args args, RespWriter out) {
    LatencyMonitor latencies = ctx.server().latencies();
    if (args.count() == 2) {
      out.integer(latencies.resetAll());
      return;
    }
    int removed = 0;
    for (int i = 2; i < args.count(); i++) {
      removed += latencies.reset(args.text(i)) ? 1 : 0;
    }
    out.integer(removed);
  }

  private static void graph(CommandContext ctx, Args args, RespWriter out) {
    String event = args.text(2);
    LatencyMonitor latencies = ctx.server().latencies();
    List<LatencyMonitor.Sample> samples = latencies.history(event);
    if (samples.isEmpty()) {
      throw CommandError.of("ERR No samples available for event '" + event + "'");
    }
    long maxMs = 0;
    for (LatencyMonitor.Latest latest : latencies.latest()) {
      maxMs = latest.event().equals(event) ? latest.maxMs() : maxMs;
    }
    long nowSeconds = ctx.nowMs() / 1000;
    out.verbatim("txt", LatencyGraph.draw(event, samples, maxMs, nowSeconds));
  }

  private static void doctor(CommandContext ctx, Args args, RespWriter out) {
    long thresholdMs = ctx.server().config().latencyMonitorThreshold.get();
    out.verbatim("txt", LatencyDoctor.report(ctx.server().latencies(), thresholdMs));
  }

  private static void histogram(CommandContext ctx, Args args, RespWriter out) {
    LoopStats stats = ctx.server().stats().sum();
    List<CommandSpec> shown = new ArrayList<>();
    for (CommandSpec spec : chosen(ctx.server().table(), args)) {
      LatencyHistogram durations = stats.latency(spec.id());
      if (durations != null && durations.total() > 0) {
        shown.add(spec);
      }
    }
    out.map(shown.size());
    for (CommandSpec spec : shown) {
      LatencyHistogram durations = stats.latency(spec.id());
      if (durations != null) {
        out.bulk(spec.name());
        writeHistogram(durations, out);
      }
    }
  }

  private static Collection<CommandSpec> chosen(CommandTable table, Args args) {
    if (args.count() == 2) {
      return table.all();
    }
    Collection<CommandSpec> chosen = new LinkedHashSet<>();
    for (int i = 2; i < args.count(); i++) {
      CommandSpec spec = table.find(args.text(i));
      if (spec != null) {
        chosen.add(spec);
        chosen.addAll(spec.subcommands());
      }
    }
    return chosen;
  }

  /** Durations up to 1, 2, 4, … microseconds; steps that add none are left out. */
  private static void writeHistogram(LatencyHistogram durations, RespWriter out) {
    long total = durations.total();
    List<long[]> steps = new ArrayList<>();
    long before = 0;
    for (long nanos = FIRST_STEP_NANOS; before < total; nanos *= 2) {
      long upTo = durations.countUpTo(nanos);
      if (upTo > before) {
        steps.add(new long[] {LatencyHistogram.bucketEnd(nanos) / 1000, upTo});
      }
      before = upTo;
    }
    out.map(2);
    out.bulk("calls");
    out.integer(total);
    out.bulk("histogram_usec");
    out.map(steps.size());
    for (long[] step : steps) {
      out.integer(step[0]);
      out.integer(step[1]);
    }
  }
}
