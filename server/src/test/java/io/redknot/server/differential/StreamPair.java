package io.redknot.server.differential;

import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.net.RunningServer;
import io.redknot.server.replication.RecordedStream;
import io.redknot.server.replication.StreamCommand;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A redis-server that keeps an append-only file, and a Redknot server whose stream is recorded: the
 * same commands are given to both, and what each makes of them is told.
 */
final class StreamPair implements AutoCloseable {
  private static final List<String> OPTIONS =
      List.of("--appendonly", "yes", "--appendfsync", "no", "--aof-use-rdb-preamble", "no");

  private final ReferenceServer reference;
  private final RunningServer redknot;
  private final RandomAccessFile file;
  private final RecordedStream recorded = new RecordedStream();
  private final RawConnection toReference;
  private final RawConnection toRedknot;
  private int selected;

  /**
   * Starts both with the same options.
   *
   * @param directory the redis-server's own
   */
  StreamPair(Path directory, List<String> options) throws IOException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--enable-debug-command", "yes"));
    redknot = RunningServer.start(all.toArray(String[]::new));
    all.addAll(OPTIONS);
    all.addAll(List.of("--auto-aof-rewrite-percentage", "0"));
    reference = new ReferenceServer(Files.createDirectories(directory), all);
    Path increment = directory.resolve("appendonlydir").resolve("appendonly.aof.1.incr.aof");
    file = new RandomAccessFile(increment.toFile(), "r");
    redknot.server().propagator().attach(recorded);
    toReference = new RawConnection(reference.port());
    toRedknot = new RawConnection(redknot.port());
    // What expires by itself does so at any time.
    call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  }

  /** The commands that Redknot knows. */
  CommandTable table() {
    return redknot.server().table();
  }

  /** What both replied, and what they appended to their streams. */
  record Outcome(
      List<Reply> theirReplies,
      List<Reply> ourReplies,
      List<StreamCommand> theirs,
      List<StreamCommand> ours) {}

  /** Gives both the same commands, in one piece. */
  Outcome run(List<List<byte[]>> commands) throws IOException {
    toReference.send(commands);
    toRedknot.send(commands);
    List<Reply> theirReplies = new ArrayList<>();
    List<Reply> ourReplies = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      theirReplies.add(toReference.read());
      ourReplies.add(toRedknot.read());
    }
    return new Outcome(theirReplies, ourReplies, theirStream(), recorded.takeCommands());
  }

  /** Gives both one command. */
  Outcome call(String... words) throws IOException {
    return run(List.of(Step.of((Object[]) words).bytes("")));
  }

  /** It is written before the replies are, so that it is there when they are. */
  private List<StreamCommand> theirStream() throws IOException {
    byte[] more = new byte[(int) (file.length() - file.getFilePointer())];
    file.readFully(more);
    List<StreamCommand> commands = StreamCommand.parse(more, selected);
    if (!commands.isEmpty()) {
      selected = commands.getLast().db();
    }
    return commands;
  }

  @Override
  public void close() throws IOException {
    toReference.close();
    toRedknot.close();
    file.close();
    redknot.close();
    reference.close();
  }
}
