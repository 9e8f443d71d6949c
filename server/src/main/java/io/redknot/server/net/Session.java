package io.redknot.server.net;

import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.Transaction;
import io.redknot.server.pubsub.Subscriptions;
import io.redknot.server.replication.ReplicaLink;
import io.redknot.server.signal.KeyWatch;
import io.redknot.server.tracking.Tracker;
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
  private volatile @Nullable Transaction transaction;
  private volatile @Nullable KeyWatch watch;
  private volatile @Nullable Subscriptions subscriptions;
  private volatile @Nullable Tracker tracker;

  /** What a connection of a replica has on the primary's side. */
  private volatile @Nullable ReplicaLink replica;

  private boolean authenticated;
  private boolean replays;
  private boolean asking;
  private boolean closeAfterReply;
  private long writtenOffset;
  private long writtenAppend;
  private long changedUntil;
  private ReplyMode replyMode = ReplyMode.ON;
  private long lastInteractionMs;
  private @Nullable CommandSpec lastCommand;

  Session(long id, PeerAddress peer, long createdMs) {
    this.id = id;
    this.peer = peer;
    this.createdMs = createdMs;
    this.lastInteractionMs = createdMs;
  }

  /**
   * For commands of a stream that was made elsewhere, see {@link #replays}. It may do all.
   *
   * @param id a negative number for one that is no connection of this server
   */
  public static Session replaying(long id, PeerAddress peer, long nowMs) {
    Session session = new Session(id, peer, nowMs);
    session.replays = true;
    session.authenticated = true;
    return session;
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

  /** The replica that this connection is, or says to be; null: none. */
  public @Nullable ReplicaLink replica() {
    return replica;
  }

  public void replica(ReplicaLink link) {
    replica = link;
  }

  /** Offset of the stream of changes behind the client's last write; 0: it has written nothing. */
  public long writtenOffset() {
    return writtenOffset;
  }

  /**
   * Something was written for this client.
   *
   * @param offset where the stream of replication ends now
   * @param append where what is appended to the append-only file ends now
   */
  public void written(long offset, long append) {
    writtenOffset = offset;
    writtenAppend = append;
  }

  /** Where what was appended to the append-only file ended after its last change. */
  public long writtenAppend() {
    return writtenAppend;
  }

  /** Where the client's own last change ended in the append-only file; 0: it changed nothing. */
  public long changedUntil() {
    return changedUntil;
  }

  /** Something was changed by this client, at the latest there. */
  public void changed(long append) {
    changedUntil = append;
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

  /** What the client has queued since MULTI; null outside of a transaction. */
  public @Nullable Transaction transaction() {
    return transaction;
  }

  public void transaction(@Nullable Transaction value) {
    transaction = value;
  }

  /** What the client listens to; null where it never did to anything. */
  public @Nullable Subscriptions subscriptions() {
    return subscriptions;
  }

  public void subscriptions(Subscriptions value) {
    subscriptions = value;
  }

  /** What the client tracks of keys; null where it never did. */
  public @Nullable Tracker tracker() {
    return tracker;
  }

  public void tracker(Tracker value) {
    tracker = value;
  }

  /** Whether the client may get what is no reply. */
  boolean isTold() {
    return kind == ClientKind.PUBSUB || tracker != null || monitoring;
  }

  /** The keys that the client watches; null where it never did. */
  public @Nullable KeyWatch watch() {
    return watch;
  }

  public void watch(KeyWatch value) {
    watch = value;
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

  /** The last command; null where there was none, or it is none. */
  public @Nullable CommandSpec lastCommand() {
    return lastCommand;
  }

  public void lastCommand(@Nullable CommandSpec value) {
    lastCommand = value;
  }
}
