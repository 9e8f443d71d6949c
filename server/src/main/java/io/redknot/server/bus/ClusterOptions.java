package io.redknot.server.bus;

import io.redknot.cluster.ClusterSettings;
import io.redknot.server.net.BindAddress;
import io.redknot.server.net.ChannelSecurity;
import io.redknot.server.net.Transport;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a cluster node is started with.
 *
 * @param nodesConf the cluster configuration file
 * @param bind addresses on which the bus listens
 * @param source the address that its connections come from; empty: any
 * @param transport how its I/O is done
 * @param security stands between its sockets and the bus
 * @param settings the directives of the cluster
 */
public record ClusterOptions(
    Path nodesConf,
    List<BindAddress> bind,
    Supplier<String> source,
    Transport transport,
    ChannelSecurity security,
    ClusterSettings settings) {}
