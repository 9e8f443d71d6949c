package io.redknot.server.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Forms a cluster of running nodes, waits for one, or shows it.
 *
 * <pre>
 * create --replicas N host:port ...   nodes must run in cluster mode, empty and alone
 * await host:port ...                 returns when a formed cluster serves requests again
 * status host:port ...
 * </pre>
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

  ClusterTool(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Runs one subcommand and ends the process with its exit code. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(new ClusterTool(System.out, System.err).run(args));
  }

  int run(String... args) throws InterruptedException {
    try {
      return switch (args.length == 0 ? "" : args[0]) {
        case "create" -> create(args);
        case "await" -> await(addresses(args, 1));
        case "status" -> status(addresses(args, 1));
        default -> throw new UsageException("expected create, await or status");
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
