import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Topics: created, changed, described, deleted. */
final class Topics {
    private final Admin admin;

    Topics(Admin admin, Map<String, Operation> operations) {
        this.admin = admin;
        operations.put("create_topics", this::createTopics);
        operations.put("delete_topics", this::deleteTopics);
        operations.put("add_partitions", this::addPartitions);
        operations.put("alter_topic", this::alterTopic);
        operations.put("permit_only", this::permitOnly);
        operations.put("grant", this::grant);
        operations.put("revoke", this::revoke);
        operations.put("describe_topics", this::describeTopics);
    }

    private Object createTopics(JsonNode request) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (JsonNode topic : request.get("topics")) {
            NewTopic created;
            if (topic.hasNonNull("replicas")) {
                Map<Integer, List<Integer>> replicas = new HashMap<>();
                for (JsonNode brokers : topic.get("replicas")) {
                    replicas.put(replicas.size(), Arguments.integers(brokers));
                }
                created = new NewTopic(topic.get("name").asText(), replicas);
            } else {
                created = new NewTopic(topic.get("name").asText(), topic.get("partitions").asInt(),
                        (short) topic.path("replication").asInt(1));
            }
            topics.add(created.configs(Arguments.strings(topic.path("config"))));
        }
        admin.createTopics(topics).all().get();
        return null;
    }

    private Object deleteTopics(JsonNode request) throws Exception {
        admin.deleteTopics(Arguments.texts(request.get("topics"))).all().get();
        return null;
    }

    private Object addPartitions(JsonNode request) throws Exception {
        NewPartitions total = NewPartitions.increaseTo(request.get("total").asInt());
        admin.createPartitions(Map.of(request.get("topic").asText(), total)).all().get();
        return null;
    }

    private Object alterTopic(JsonNode request) throws Exception {
        Collection<AlterConfigOp> changes = new ArrayList<>();
        Arguments.strings(request.get("config")).forEach((key, value) -> changes.add(
                new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET)));
        ConfigResource topic =
                new ConfigResource(ConfigResource.Type.TOPIC, request.get("topic").asText());
        admin.incrementalAlterConfigs(Map.of(topic, changes)).all().get();
        return null;
    }

    private Object permitOnly(JsonNode request) throws Exception {
        ResourcePattern topic = new ResourcePattern(
                ResourceType.TOPIC, request.get("topic").asText(), PatternType.LITERAL);
        Collection<AclBinding> rules = new ArrayList<>();
        for (String name : Arguments.texts(request.get("operations"))) {
            rules.add(new AclBinding(topic, new AccessControlEntry("User:*", "*",
                    AclOperation.fromString(name), AclPermissionType.ALLOW)));
        }
        admin.createAcls(rules).all().get();
        return null;
    }

    private Object grant(JsonNode request) throws Exception {
        admin.createAcls(List.of(ruleIn(request))).all().get();
        return null;
    }

    private Object revoke(JsonNode request) throws Exception {
        admin.deleteAcls(List.of(ruleIn(request).toFilter())).all().get();
        return null;
    }

    private static AclBinding ruleIn(JsonNode request) {
        ResourcePattern resource = new ResourcePattern(
                ResourceType.fromString(request.get("type").asText()),
                request.get("name").asText(), PatternType.LITERAL);
        return new AclBinding(resource, new AccessControlEntry(request.get("principal").asText(),
                "*", AclOperation.fromString(request.get("right").asText()),
                AclPermissionType.ALLOW));
    }

    /** {topic: [leader of partition 0, ...]}; a leader that is not there is -1. */
    private Object describeTopics(JsonNode request) throws Exception {
        Map<String, List<Integer>> leaders = new HashMap<>();
        Map<String, TopicDescription> topics =
                admin.describeTopics(Arguments.texts(request.get("topics"))).allTopicNames().get();
        for (TopicDescription topic : topics.values()) {
            List<Integer> of = new ArrayList<>();
            for (TopicPartitionInfo partition : topic.partitions()) {
                of.add(partition.leader() == null ? -1 : partition.leader().id());
            }
            leaders.put(topic.name(), of);
        }
        return leaders;
    }

}
