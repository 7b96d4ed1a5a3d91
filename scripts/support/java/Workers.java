import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.AppInfoParser;

/** Members and producers that run, by the id they were started under, until they are stopped. */
final class Workers {
    private final Settings settings;
    private final Map<String, List<Worker>> workers = new HashMap<>();

    Workers(Settings settings, Map<String, Operation> operations) {
        this.settings = settings;
        operations.put("start_members", this::startMembers);
        operations.put("start_share_members", this::startShareMembers);
        operations.put("start_producer", this::startProducer);
        operations.put("set_rate", this::setRate);
        operations.put("set_stuck", this::setStuck);
        operations.put("pause", request -> pause(request, true));
        operations.put("resume", request -> pause(request, false));
        operations.put("commit_as_member", this::commitAsMember);
        operations.put("stop", this::stop);
    }

    private Object startMembers(JsonNode request) {
        List<Worker> started = new ArrayList<>();
        for (int i = 0; i < request.path("count").asInt(1); ++i) {
            Map<String, Object> with = settings.consumer(request.get("group").asText());
            with.put("group.protocol", request.path("protocol").asText("classic"));
            with.put("client.id", request.get("id").asText() + "-" + i);
            with.put("max.poll.records", request.path("max_poll_records").asInt(100));
            if (request.hasNonNull("instance")) {
                with.put("group.instance.id", request.get("instance").asText() + "-" + i);
            }
            with.putAll(Arguments.strings(request.path("settings")));
            started.add(new Member(with, request));
        }
        return start(request, started);
    }

    private Object startShareMembers(JsonNode request) throws Exception {
        if (AppInfoParser.getVersion().startsWith("3.")) {
            throw new UnsupportedOperationException("Kafka 3 has no share groups");
        }
        Class<?> type = Class.forName("org.apache.kafka.clients.consumer.KafkaShareConsumer");
        List<Worker> started = new ArrayList<>();
        for (int i = 0; i < request.path("count").asInt(1); ++i) {
            Map<String, Object> with = settings.consumer(request.get("group").asText());
            with.remove("auto.offset.reset"); // what share members refuse
            with.remove("enable.auto.commit");
            started.add(new ShareMember(type, with, Arguments.texts(request.get("topics"))));
        }
        return start(request, started);
    }

    private Object startProducer(JsonNode request) {
        return start(request, List.of(new SteadyProducer(settings.producer(), request)));
    }

    private Object start(JsonNode request, List<Worker> started) {
        if (workers.putIfAbsent(request.get("id").asText(), started) != null) {
            throw new IllegalArgumentException("id in use: " + request.get("id"));
        }
        started.forEach(Worker::start);
        return null;
    }

    private Object setRate(JsonNode request) {
        double rate = request.get("records_per_second").asDouble();
        workersOf(request).forEach(worker -> worker.setRate(rate));
        return null;
    }

    private Object setStuck(JsonNode request) {
        Set<TopicPartition> partitions = Set.copyOf(
                Arguments.partitions(request.get("partitions")));
        workersOf(request).forEach(worker -> ((Member) worker).setStuck(partitions));
        return null;
    }

    private Object pause(JsonNode request, boolean paused) {
        List<Worker> all = workersOf(request);
        List<Worker> chosen = request.hasNonNull("member")
                ? List.of(all.get(request.get("member").asInt())) : all;
        chosen.forEach(worker -> worker.setPaused(paused));
        return null;
    }

    private Object commitAsMember(JsonNode request) throws Exception {
        Member member = (Member) workersOf(request).get(request.path("member").asInt(0));
        member.commit(Arguments.positions(request.get("offsets")));
        return null;
    }

    private Object stop(JsonNode request) throws Exception {
        List<Worker> stopped = workersOf(request);
        stopped.forEach(Worker::finish);
        for (Worker worker : stopped) {
            worker.join();
        }
        workers.remove(request.get("id").asText());
        for (Worker worker : stopped) {
            worker.rethrow();
        }
        return null;
    }

    private List<Worker> workersOf(JsonNode request) {
        List<Worker> found = workers.get(request.get("id").asText());
        if (found == null) {
            throw new IllegalArgumentException("no such id: " + request.get("id"));
        }
        return found;
    }
}
