import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** What lies where: replicas moved, leaders elected, who controls. */
final class Layout {
    private final Admin admin;

    Layout(Admin admin, Map<String, Operation> operations) {
        this.admin = admin;
        operations.put("reassign", this::reassign);
        operations.put("reassigning", request ->
                admin.listPartitionReassignments().reassignments().get().size());
        operations.put("elect_preferred", this::electPreferred);
        operations.put("out_of_sync", this::outOfSync);
        operations.put("controller", request ->
                admin.describeMetadataQuorum().quorumInfo().get().leaderId());
    }

    private Object reassign(JsonNode request) throws Exception {
        Map<TopicPartition, Optional<NewPartitionReassignment>> wanted = new HashMap<>();
        for (JsonNode row : request.get("replicas")) {
            wanted.put(new TopicPartition(row.get(0).asText(), row.get(1).asInt()), Optional.of(
                    new NewPartitionReassignment(Arguments.integers(row.get(2)))));
        }
        admin.alterPartitionReassignments(wanted).all().get();
        return null;
    }

    /** Where the first replica leads already, there is nothing to elect. */
    private Object electPreferred(JsonNode request) throws Exception {
        Set<TopicPartition> partitions =
                new HashSet<>(Arguments.partitions(request.get("partitions")));
        admin.electLeaders(ElectionType.PREFERRED, partitions).partitions().get();
        return null;
    }

    /** {topic: how many replicas of all partitions are not in sync}. */
    private Object outOfSync(JsonNode request) throws Exception {
        Map<String, Integer> missing = new HashMap<>();
        List<String> topics = Arguments.texts(request.get("topics"));
        admin.describeTopics(topics).allTopicNames().get().forEach((name, topic) -> {
            int count = 0;
            for (TopicPartitionInfo partition : topic.partitions()) {
                count += partition.replicas().size() - partition.isr().size();
            }
            missing.put(name, count);
        });
        return missing;
    }
}
