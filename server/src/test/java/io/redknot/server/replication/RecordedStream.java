package io.redknot.server.replication;

import java.util.ArrayList;
import java.util.List;

/** Keeps the stream, each command as its database and its words. */
public final class RecordedStream implements Propagator.Sink {
  private final List<StreamCommand> commands = new ArrayList<>();
  private final boolean takesMessages;

  private int lost;

  /** Keeps what changes something. */
  public RecordedStream() {
    this(false);
  }

  /**
   * Keeps what changes something.
   *
   * @param takesMessages whether it also keeps what is published
   */
  public RecordedStream(boolean takesMessages) {
    this.takesMessages = takesMessages;
  }

  @Override
  public synchronized void lost() {
    lost++;
  }

  /** How often something was changed that the stream lacks. */
  public synchronized int lostCount() {
    return lost;
  }

  @Override
  public boolean takesMessages() {
    return takesMessages;
  }

  @Override
  public synchronized void append(int db, byte[] bytes, int offset, int length) {
    commands.add(StreamCommand.of(db, bytes, offset, length));
  }

  /** What was appended since the last call, as text. */
  public List<String> take() {
    return takeCommands().stream().map(StreamCommand::toString).toList();
  }

  /** What was appended since the last call. */
  public synchronized List<StreamCommand> takeCommands() {
    List<StreamCommand> taken = List.copyOf(commands);
    commands.clear();
    return taken;
  }
}
