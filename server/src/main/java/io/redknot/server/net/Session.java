package io.redknot.server.net;

import io.redknot.server.dispatch.CommandSpec;
import org.jspecify.annotations.Nullable;

/**
 * What a client has said about itself and chosen for its connection.
 *
 * <p>Written by the connection's event loop only. What CLIENT LIST shows of it may be read by any
 * thread: rarely written fields are volatile, the two that change with every command are plain and
 * may be read a moment old.
 */
public final class Session {
  /** The user that every connection starts as. */
  public static final String DEFAULT_USER = "default";

  private final long id;
  private final PeerAddress peer;
  private final long createdMs;

  private volatile String name = "";
  private volatile String libraryName = "";
  private volatile String libraryVersion = "";
  private volatile String user = DEFAULT_USER;
  private volatile ClientKind kind = ClientKind.NORMAL;
  private volatile int db;
  private volatile boolean resp3;
  private volatile boolean readonly;
  private volatile boolean noEvict;
  private volatile boolean noTouch;
  private volatile boolean monitoring;

  private boolean authenticated;
  private boolean replays;
  private boolean asking;
  private boolean closeAfterReply;
  private ReplyMode replyMode = ReplyMode.ON;
  private long lastInteractionMs;
  private @Nullable CommandSpec lastCommand;

  Session(long id, PeerAddress peer, long createdMs) {
    this.id = id;
    this.peer = peer;
    this.createdMs = createdMs;
    this.lastInteractionMs = createdMs;
  }

  /** Back to what a new connection has, except for authentication; what RESET does. */
  public void reset() {
    name = "";
    user = DEFAULT_USER;
    db = 0;
    resp3 = false;
    readonly = false;
    noEvict = false;
    noTouch = false;
    asking = false;
    replyMode = ReplyMode.ON;
  }

  /** The client's number: rising, never used twice. */
  public long id() {
    return id;
  }

  /** Both ends of the connection. */
  public PeerAddress peer() {
    return peer;
  }

  /** When the client connected, in milliseconds since 1970. */
  public long createdMs() {
    return createdMs;
  }

  /** The name that CLIENT SETNAME gave; empty for none. */
  public String name() {
    return name;
  }

  public void name(String value) {
    name = value;
  }

  /** The client library's name; empty for none. */
  public String libraryName() {
    return libraryName;
  }

  public void libraryName(String value) {
    libraryName = value;
  }

  /** The client library's version; empty for none. */
  public String libraryVersion() {
    return libraryVersion;
  }

  public void libraryVersion(String value) {
    libraryVersion = value;
  }

  /** The user whose rights the client has. */
  public String user() {
    return user;
  }

  public void user(String value) {
    user = value;
  }

  /** What the connection is used for. */
  public ClientKind kind() {
    return kind;
  }

  public void kind(ClientKind value) {
    kind = value;
  }

  /** The selected database. */
  public int db() {
    return db;
  }

  public void db(int value) {
    db = value;
  }

  /** Whether the client has chosen RESP3. */
  public boolean resp3() {
    return resp3;
  }

  public void resp3(boolean value) {
    resp3 = value;
  }

  /** Whether the client reads from replicas (READONLY). */
  public boolean readonly() {
    return readonly;
  }

  public void readonly(boolean value) {
    readonly = value;
  }

  /** Whether the client's memory is left out of client eviction. */
  public boolean noEvict() {
    return noEvict;
  }

  public void noEvict(boolean value) {
    noEvict = value;
  }

  /** Whether the client's reads leave the access clocks of keys alone. */
  public boolean noTouch() {
    return noTouch;
  }

  public void noTouch(boolean value) {
    noTouch = value;
  }

  /** Whether the client watches all commands (MONITOR). */
  public boolean monitoring() {
    return monitoring;
  }

  public void monitoring(boolean value) {
    monitoring = value;
  }

  /** Whether the client may run commands beyond those that precede authentication. */
  public boolean authenticated() {
    return authenticated;
  }

  public void authenticated(boolean value) {
    authenticated = value;
  }

  /**
   * Whether the commands are those of an append-only file or of a primary: what they did there is
   * to be done here whatever the time, the configuration and the state of this node are.
   */
  public boolean replays() {
    return replays;
  }

  public void replays(boolean value) {
    replays = value;
  }

  /** Whether the next command may use a slot that is being imported (ASKING). */
  public boolean asking() {
    return asking;
  }

  public void asking(boolean value) {
    asking = value;
  }

  /** Whether the connection ends when the current reply is sent. */
  public boolean closeAfterReply() {
    return closeAfterReply;
  }

  /** Ends the connection when the current reply is sent; requests behind it are dropped. */
  public void closeAfterThisReply() {
    closeAfterReply = true;
  }

  /** Whether replies are sent. */
  public ReplyMode replyMode() {
    return replyMode;
  }

  public void replyMode(ReplyMode value) {
    replyMode = value;
  }

  /** When the client last sent something, in milliseconds since 1970. */
  public long lastInteractionMs() {
    return lastInteractionMs;
  }

  void interactedAt(long nowMs) {
    lastInteractionMs = nowMs;
  }

  /** The last command that was recognized. */
  public @Nullable CommandSpec lastCommand() {
    return lastCommand;
  }

  public void lastCommand(CommandSpec value) {
    lastCommand = value;
  }
}
