package io.redknot.cluster;

/** All rules of one node, wired together once. */
final class Rules {
  final ManualFailover manual;
  final Messenger messenger;
  final Membership membership;
  final Epochs epochs;
  final ProcessWatch processes;
  final FailureDetector failures;
  final Health health;
  final StallWatch stalls;
  final OpenSlots openSlots;
  final SlotClaims claims;
  final Handshakes handshakes;
  final GossipReader gossip;
  final Voting voting;
  final Election election;
  final ReplicaMigration migration;

  Rules(CoreContext ctx) {
    manual = new ManualFailover(ctx);
    messenger = new Messenger(ctx, manual);
    membership = new Membership(ctx, manual);
    epochs = new Epochs(ctx);
    processes = new ProcessWatch(ctx);
    failures = new FailureDetector(ctx, messenger, processes);
    health = new Health(ctx, processes);
    stalls = new StallWatch(ctx, health, failures);
    openSlots = new OpenSlots(ctx, messenger);
    claims = new SlotClaims(ctx, membership, messenger, openSlots);
    handshakes = new Handshakes(ctx, membership);
    gossip = new GossipReader(ctx, membership, failures);
    voting = new Voting(ctx, messenger);
    election = new Election(ctx, this);
    migration = new ReplicaMigration(ctx, membership);
  }
}
