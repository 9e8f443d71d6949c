package io.redknot.server.bus;

import io.redknot.cluster.ClusterSettings;
import io.redknot.server.net.BindAddress;
import io.redknot.server.net.Transport;
import java.nio.file.Path;
import java.util.List;

/**
 * What a cluster node is started with.
 *
 * @param nodesConf the cluster configuration file
 * @param bind addresses on which the bus listens
 * @param transport how its I/O is done
 * @param settings the directives of the cluster
 */
public record ClusterOptions(
    Path nodesConf, List<BindAddress> bind, Transport transport, ClusterSettings settings) {}
