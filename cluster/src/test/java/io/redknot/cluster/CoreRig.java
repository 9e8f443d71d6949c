package io.redknot.cluster;

import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One core among scripted peers. Nodes are called by a letter: node {@code a} has the id {@code
 * aaaa...} and an address of its own; this node is {@code m}.
 */
final class CoreRig {
  static final char ME = 'm';
  static final long TIMEOUT_MS = 1000;

  final SimFacts facts = new SimFacts();
  final List<LinkAction.Send> sent = new ArrayList<>();
  final List<LinkAction.Close> closed = new ArrayList<>();
  final List<ClusterEvent> events = new ArrayList<>();
  final List<Outbox.Persist> persisted = new ArrayList<>();
  final ClusterCore core;
  long nowMs = 1_700_000_000_000L;

  /** Whether connects succeed by themselves. */
  boolean connects = true;

  /** Peers at whose address nobody listens. */
  String refusing = "";

  private final Map<String, Long> outbound = new HashMap<>();
  private final Map<Character, Long> inbound = new HashMap<>();
  private @Nullable ClusterView view;

  CoreRig(String... lines) {
    this(UnaryOperator.identity(), lines);
  }

  CoreRig(UnaryOperator<ClusterSettingsBuilder> settings, String... lines) {
    ClusterSettingsBuilder builder = ClusterSettings.builder().nodeTimeoutMs(TIMEOUT_MS).port(1);
    try {
      core =
          new ClusterCore(
              nowMs,
              lines.length == 0 ? null : NodesConf.parse(String.join("\n", lines), false),
              settings.apply(builder).build(),
              new Random(1));
    } catch (NodesConfException e) {
      throw new AssertionError(e);
    }
    drain();
  }

  /** A cluster of this node and primaries a and b, a third of the slots each, epochs 1, 2 and 3. */
  static CoreRig threePrimaries() {
    CoreRig rig =
        new CoreRig(
            line(ME, "myself,master", '-', 1, "0-5460"),
            line('a', "master", '-', 2, "5461-10922"),
            line('b', "master", '-', 3, "10923-16383"));
    rig.settle();
    return rig;
  }

  /** This node is a replica of a; b and c are the other primaries; d is another replica of a. */
  static CoreRig replica() {
    CoreRig rig =
        new CoreRig(
            line(ME, "myself,slave", 'a', 1, ""),
            line('a', "master", '-', 1, "0-5460"),
            line('b', "master", '-', 2, "5461-10922"),
            line('c', "master", '-', 3, "10923-16383"),
            line('d', "slave", 'a', 1, ""));
    rig.facts.dataAgeMs = 0;
    rig.settle();
    return rig;
  }

  static String id(char name) {
    return String.valueOf(name).repeat(40);
  }

  static String ip(char name) {
    return "10.0.0." + (int) name;
  }

  static String line(char name, String flags, char primary, long epoch, String slots) {
    char shard = primary == '-' ? name : primary;
    return id(name)
        + " "
        + ip(name)
        + ":1@10001,,tls-port=0,shard-id="
        + id(shard)
        + " "
        + flags
        + " "
        + (primary == '-' ? "-" : id(primary))
        + " 0 0 "
        + epoch
        + " connected "
        + slots;
  }

  /** Connects to everybody and gets past the delays after a start. */
  private void settle() {
    run(Health.WRITABLE_DELAY_MS + Health.REJOIN_DELAY_MIN_MS);
    forget();
  }

  /** This node is a primary among a and b, all up; c and d are replicas of a. */
  static CoreRig voter() {
    CoreRig rig =
        new CoreRig(
            line(ME, "myself,master", '-', 1, "0-5460"),
            line('a', "master", '-', 2, "5461-10922"),
            line('b', "master", '-', 3, "10923-16383"),
            line('c', "slave", 'a', 2, ""),
            line('d', "slave", 'a', 2, ""));
    rig.run(2500);
    rig.forget();
    return rig;
  }

  /** Lets time pass with ticks, while every connected peer answers pings. */
  void run(long durationMs) {
    for (long ms = 0; ms < durationMs; ms += 100) {
      tick();
      answerPings();
    }
  }

  /** Lets time pass with ticks in which nobody but the named peers answers. */
  void runHearingOnly(String names, long durationMs) {
    for (long ms = 0; ms < durationMs; ms += 100) {
      tick();
      for (int i = 0; i < names.length(); i++) {
        if (waitsFor(names.charAt(i))) {
          say(names.charAt(i)).pong();
        }
      }
    }
  }

  private void answerPings() {
    for (NodeView node : List.copyOf(view().nodes())) {
      if (!node.isMyself() && node.pingSentMs() != 0 && node.linkConnected()) {
        say(node.id().charAt(0)).pong();
      }
    }
  }

  private boolean waitsFor(char name) {
    NodeView node = node(name);
    return node.pingSentMs() != 0 && node.linkConnected();
  }

  void tick() {
    nowMs += 100;
    core.onTick(nowMs, facts);
    drain();
  }

  /** Publishes a view without letting time pass. */
  void refresh() {
    core.onSettings(nowMs, view().settings(), facts);
    drain();
  }

  void drain() {
    Outbox outbox = core.drain();
    if (outbox.persist() != null) {
      persisted.add(outbox.persist());
    }
    if (outbox.view() != null) {
      view = outbox.view();
    }
    events.addAll(outbox.events());
    for (LinkAction action : outbox.actions()) {
      switch (action) {
        case LinkAction.Send send -> sent.add(send);
        case LinkAction.Close close -> {
          closed.add(close);
          outbound.values().remove(close.linkId());
          inbound.values().remove(close.linkId());
        }
        case LinkAction.Connect connect -> {
          outbound.put(connect.ip(), connect.linkId());
          if (refuses(connect.ip())) {
            outbound.remove(connect.ip());
            core.onNotConnected(nowMs, connect.linkId(), true);
            drain();
          } else if (connects) {
            core.onLinkUp(nowMs, connect.linkId(), ip(ME), facts);
            drain();
          }
        }
      }
    }
  }

  void forget() {
    sent.clear();
    closed.clear();
    events.clear();
    persisted.clear();
  }

  Speech say(char name) {
    return new Speech(this, name);
  }

  void hear(char from, boolean onOwnLink, BusMessage message) {
    Long link = onOwnLink ? outbound.get(ip(from)) : Long.valueOf(inboundOf(from));
    if (link == null) {
      throw new AssertionError("no own link to " + from);
    }
    core.onMessage(nowMs, link, message, facts);
    drain();
  }

  long inboundOf(char name) {
    return inbound.computeIfAbsent(name, n -> core.onAccepted(nowMs, ip(n), ip(ME)));
  }

  @Nullable Long outboundTo(char name) {
    return outbound.get(ip(name));
  }

  void breakLink(char name) {
    Long link = outbound.remove(ip(name));
    if (link == null) {
      throw new AssertionError("no own link to " + name);
    }
    core.onLinkDown(nowMs, link);
    drain();
  }

  private boolean refuses(String address) {
    return refusing.chars().anyMatch(name -> ip((char) name).equals(address));
  }

  /** The peer's process ends: so do its connections, and nobody listens there any more. */
  void kill(char name) {
    refusing += name;
    Long accepted = inbound.remove(name);
    if (accepted != null) {
      core.onLinkDown(nowMs, accepted);
      drain();
    }
    breakLink(name);
  }

  AdminReply admin(AdminRequest request) {
    AdminReply reply = core.onAdmin(nowMs, request, facts);
    drain();
    return reply;
  }

  ClusterView view() {
    if (view == null) {
      throw new AssertionError("no view yet");
    }
    return view;
  }

  boolean knows(char name) {
    return view().find(id(name)) != ClusterView.NONE;
  }

  NodeView node(char name) {
    return view().nodes().get(view().find(id(name)));
  }

  char owner(int slot) {
    int owner = view().owner(slot);
    return owner == ClusterView.NONE ? '-' : view().nodes().get(owner).id().charAt(0);
  }

  /** Messages of one type sent since the last {@link #forget}. */
  List<BusMessage> sent(MessageType type) {
    return sent.stream().map(LinkAction.Send::message).filter(m -> m.type() == type).toList();
  }

  /** How often primary b was asked for its vote. */
  int requestsForVotes() {
    return sentTo('b', MessageType.AUTH_REQUEST).size();
  }

  /** Primaries b and c, with config epochs 2 and 3, give their votes. */
  void voteInEpoch4() {
    say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
  }

  List<BusMessage> sentTo(char name, MessageType type) {
    Long link = outboundTo(name);
    return sent.stream()
        .filter(s -> link != null && s.linkId() == link)
        .map(LinkAction.Send::message)
        .filter(m -> m.type() == type)
        .toList();
  }

  boolean fsynced() {
    return persisted.stream().anyMatch(Outbox.Persist::fsync);
  }
}
