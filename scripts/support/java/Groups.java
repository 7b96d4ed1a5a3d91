import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.utils.Exit;

/** Groups seen from outside: commits, descriptions, and Kafka's own tool. */
final class Groups {
    private final Admin admin;
    private final Settings settings;

    Groups(Admin admin, Settings settings, Map<String, Operation> operations) {
        this.admin = admin;
        this.settings = settings;
        operations.put("commit", this::commit);
        operations.put("committed", this::committed);
        operations.put("delete_groups", this::deleteGroups);
        operations.put("list_groups", this::listGroups);
        operations.put("describe_group", this::describeGroup);
        operations.put("groups_tool", this::groupsTool);
        operations.put("tool", this::tool);
    }

    private Object commit(JsonNode request) throws Exception {
        List<KafkaFuture<Void>> done = new ArrayList<>();
        for (String group : Arguments.texts(request.get("groups"))) {
            done.add(admin.alterConsumerGroupOffsets(group,
                    Arguments.positions(request.get("offsets"))).all());
        }
        for (KafkaFuture<Void> one : done) {
            one.get();
        }
        return null;
    }

    /** [[topic, partition, offset, metadata], ...], on deleted topics too. */
    private Object committed(JsonNode request) throws Exception {
        List<List<Object>> rows = new ArrayList<>();
        admin.listConsumerGroupOffsets(request.get("group").asText())
                .partitionsToOffsetAndMetadata().get().forEach((partition, position) ->
                        rows.add(List.of(
                                partition.topic(), partition.partition(), position.offset(),
                                position.metadata())));
        return rows;
    }

    private Object deleteGroups(JsonNode request) throws Exception {
        admin.deleteConsumerGroups(Arguments.texts(request.get("groups"))).all().get();
        return null;
    }

    @SuppressWarnings({"deprecation", "removal"}) // its successor exists from Kafka 4 on only
    private Object listGroups(JsonNode request) throws Exception {
        List<String> names = new ArrayList<>();
        admin.listConsumerGroups().all().get().forEach(group -> names.add(group.groupId()));
        Collections.sort(names);
        return names;
    }

    private Object describeGroup(JsonNode request) throws Exception {
        String name = request.get("group").asText();
        ConsumerGroupDescription group =
                admin.describeConsumerGroups(List.of(name)).all().get().get(name);
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("state", stateOf(group));
        result.put("coordinator", group.coordinator().id());
        ArrayNode members = result.putArray("members");
        for (MemberDescription member : group.members()) {
            ArrayNode partitions = members.addObject()
                    .put("client", member.clientId())
                    .put("instance", member.groupInstanceId().orElse(null))
                    .putArray("partitions");
            member.assignment().topicPartitions().forEach(partition ->
                    partitions.addArray().add(partition.topic()).add(partition.partition()));
        }
        return result;
    }

    @SuppressWarnings({"deprecation", "removal"}) // groupState() exists from Kafka 4 on only
    private static String stateOf(ConsumerGroupDescription group) {
        return group.state().toString();
    }


    /**
     * What ConsumerGroupCommand or ShareGroupCommand prints. By name, so that this compiles with
     * releases that have no share groups.
     */
    private Object groupsTool(JsonNode request) throws Exception {
        List<String> arguments = Arguments.texts(request.get("arguments"));
        arguments.addAll(List.of("--bootstrap-server", settings.bootstrapServers()));
        return run("org.apache.kafka.tools.consumer.group." + request.get("tool").asText(),
                arguments);
    }

    /** What any of Kafka's tools prints, by the name of its class; it must not end by itself. */
    private Object tool(JsonNode request) throws Exception {
        return run(request.get("main").asText(), Arguments.texts(request.get("arguments")));
    }

    private static String run(String name, List<String> arguments) throws Exception {
        Method main = Class.forName(name).getMethod("main", String[].class);
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream remarks = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(remarks, true, StandardCharsets.UTF_8));
        AtomicReference<Integer> first = new AtomicReference<>(); // a tool may catch it, and try anew
        Exit.setExitProcedure((status, message) -> {
            first.compareAndSet(null, status);
            throw new IllegalStateException("exit status " + status + ": " + message);
        });
        try {
            main.invoke(null, (Object) arguments.toArray(new String[0]));
        } catch (InvocationTargetException thrown) {
            if (first.get() == null || first.get() != 0) {
                throw new IllegalStateException(thrown.getCause() + "; it printed: "
                        + printed.toString(StandardCharsets.UTF_8)
                        + remarks.toString(StandardCharsets.UTF_8));
            }
        } finally {
            System.setOut(out);
            System.setErr(err);
            KafkaDriver.refuseToExit();
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
