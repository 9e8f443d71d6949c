package io.redknot.server.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/**
 * Forms a cluster of running nodes, waits for one, or shows it.
 *
 * <pre>
 * create --replicas N host:port ...   nodes must run in cluster mode, empty and alone
 * await host:port ...                 returns when a formed cluster serves requests again
 * status host:port ...
 *
 * check | fix       --node host:port, any of the cluster
 * add               --node, --new host:port [--replica-of NODE]
 * remove | find     --node, --leaving NODE; the latter only prints its host:port
 * reshard           --node, --from NODE[,NODE...]|all --to NODE --slots N
 * rebalance         --node [--weight NODE=W ...] [--use-empty] [--threshold PERCENT]
 *    all of them    [--yes] [--batch KEYS] [--timeout MS] [--replace]
 * </pre>
 *
 * <p>A NODE is named by host:port, port or id.
 *
 * <p>Exit codes: 0 fine, 1 the cluster is not healthy or could not be formed, 2 wrong arguments, 3
 * (status) no node answers.
 */
public final class ClusterTool {
  private static final int OK = 0;
  private static final int UNHEALTHY = 1;
  private static final int USAGE = 2;
  private static final int NOBODY = 3;

  private static final int ANSWER_TIMEOUT_MS = 10_000;
  private static final long WAIT_LIMIT_MS = 60_000;
  private static final int REPLICAS_MAX = 100;

  private final PrintStream out;
  private final PrintStream err;
  private final Reader in;

  /** A tool that prints here and there, and asks the other one. */
  public ClusterTool(PrintStream out, PrintStream err, Reader in) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /** Runs one subcommand and ends the process with its exit code. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(
        new ClusterTool(System.out, System.err, new InputStreamReader(System.in, UTF_8)).run(args));
  }

  /** Runs one subcommand; its exit code. */
  public int run(String... args) throws InterruptedException {
    try {
      return switch (args.length == 0 ? "" : args[0]) {
        case "create" -> create(args);
        case "await" -> await(addresses(args, 1));
        case "status" -> status(addresses(args, 1));
        case "check", "fix", "find", "add", "remove", "reshard", "rebalance" -> change(args);
        default ->
            throw new UsageException(
                "expected create, await, status, check, fix, add, remove, reshard or rebalance");
      };
    } catch (UsageException e) {
      err.println("cluster: " + e.getMessage());
      return USAGE;
    } catch (FormingException | IOException e) {
      err.println("cluster: " + e.getMessage());
      return UNHEALTHY;
    }
  }

  private int create(String... args)
      throws UsageException, IOException, FormingException, InterruptedException {
    if (args.length < 3 || !args[1].equals("--replicas")) {
      throw new UsageException("expected create --replicas N host:port ...");
    }
    int replicas = UsageException.number("--replicas", args[2], 0, REPLICAS_MAX);
    List<NodeAddress> addresses = addresses(args, 3);
    ClusterPlan plan = ClusterPlan.of(addresses.size(), replicas);
    List<RespClient> nodes = new ArrayList<>();
    try {
      for (NodeAddress address : addresses) {
        nodes.add(RespClient.connect(address, ANSWER_TIMEOUT_MS));
      }
      new ClusterForming(nodes, plan, WAIT_LIMIT_MS, out).run();
    } finally {
      for (RespClient node : nodes) {
        node.close();
      }
    }
    return status(addresses);
  }

  private int await(List<NodeAddress> addresses) throws IOException, InterruptedException {
    Patience.await(WAIT_LIMIT_MS, () -> ClusterReport.of(addresses).healthy());
    return status(addresses);
  }

  private int status(List<NodeAddress> addresses) {
    ClusterReport report = ClusterReport.of(addresses);
    report.print(out);
    if (report.healthy()) {
      return OK;
    }
    return report.anybodyThere() ? UNHEALTHY : NOBODY;
  }

  @SuppressWarnings("SystemConsoleNull") // with -Djdk.console=java.base there may be none
  private int change(String... args)
      throws UsageException, IOException, FormingException, InterruptedException {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    ClusterChanges changes =
        new ClusterChanges(ChangeOptions.parse(args), out, new BufferedReader(in), terminal);
    return changes.run(args[0]) ? OK : UNHEALTHY;
  }

  private static List<NodeAddress> addresses(String[] args, int from) throws UsageException {
    List<NodeAddress> addresses = new ArrayList<>();
    for (int i = from; i < args.length; i++) {
      addresses.add(NodeAddress.parse(args[i]));
    }
    if (addresses.isEmpty()) {
      throw new UsageException("name the nodes: host:port ...");
    }
    return List.copyOf(addresses);
  }
}
