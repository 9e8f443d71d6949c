package io.redknot.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import io.redknot.server.dispatch.Transaction;
import io.redknot.server.pubsub.Subscriptions;
import io.redknot.server.signal.KeyWatch;
import io.redknot.server.tracking.Tracker;

/**
 * What one connection takes of memory, in bytes. Its event loop changes that; others may read it a
 * moment old.
 */
public final class ClientMemory {
  /** What a connection costs beyond what it has asked for: an estimate. */
  private static final int CONNECTION_BYTES = 2500;

  private final Session session;
  private final Channel channel;
  private final RequestBuffer requests;
  private final RespParser parser;
  private final Args args;
  private int runningBytes;
  private int suspendedBytes;
  private int suspendedArgumentBytes;

  /** What {@link ClientEviction} has counted of it; that one's lock guards what is below. */
  volatile long countedBytes;

  /** Its list among those by size, -1: none, and its place there. */
  int bucket = -1;

  int place;

  ClientMemory(
      Session session, Channel channel, RequestBuffer requests, RespParser parser, Args args) {
    this.session = session;
    this.channel = channel;
    this.requests = requests;
    this.parser = parser;
    this.args = args;
  }

  /** A request of so many bytes is executed; 0: it is over. */
  void running(int bytes) {
    runningBytes = bytes;
  }

  /** The request that is executed is left unanswered, and stands at the front of the others. */
  void suspended(int bytes) {
    suspendedArgumentBytes = lengthOfArgs();
    suspendedBytes = bytes;
  }

  /** The request that waited is over, or executed again; returns how many bytes it has. */
  int resumed() {
    int bytes = suspendedBytes;
    suspendedBytes = 0;
    suspendedArgumentBytes = 0;
    return bytes;
  }

  /** Requests that were received and not parsed, and the one that is executed now. */
  public int queryBytes() {
    int unparsed = requests.size() - suspendedBytes - parser.parsedBytes();
    return Math.max(Math.max(0, unparsed), runningBytes);
  }

  /** Room for more requests, and what stands there of one that was parsed in part. */
  int queryRoomBytes() {
    return Math.max(0, requests.capacity() - requests.size() + parser.parsedBytes());
  }

  /** The arguments of the request that is executed, or waits; the event loop sees the former. */
  long argumentBytes() {
    return runningBytes == 0 ? suspendedArgumentBytes : lengthOfArgs();
  }

  private int lengthOfArgs() {
    int bytes = 0;
    if (channel.eventLoop().inEventLoop()) {
      for (int i = 0; i < args.count(); i++) {
        bytes += args.length(i);
      }
    }
    return bytes;
  }

  /** Commands of a transaction that is queued, and watched keys. */
  long transactionBytes() {
    Transaction queued = session.transaction();
    KeyWatch watch = session.watch();
    return (queued == null ? 0 : queued.sizeBytes()) + (watch == null ? 0 : watch.sizeBytes());
  }

  /** Replies and messages that the socket has not taken. */
  public long outputBytes() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  /** Number of pieces that these are. */
  int outputPieces() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    boolean any = pending != null && pending.totalPendingWriteBytes() > 0;
    return any ? Math.max(1, pending.size()) : 0;
  }

  /** All of it. */
  public long totalBytes() {
    Subscriptions subscribed = session.subscriptions();
    Tracker tracker = session.tracker();
    return CONNECTION_BYTES
        + Math.max(requests.capacity(), runningBytes)
        + argumentBytes()
        + transactionBytes()
        + outputBytes()
        + (subscribed == null ? 0 : subscribed.sizeBytes())
        + (tracker == null ? 0 : tracker.sizeBytes());
  }
}
