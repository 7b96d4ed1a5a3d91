import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;

/** A consumer that polls, and commits after each poll if it is one that commits. */
final class Member extends Worker {
    private static final class Commit {
        final Map<TopicPartition, OffsetAndMetadata> offsets;
        final CompletableFuture<Void> done = new CompletableFuture<>();

        Commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
            this.offsets = offsets;
        }
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final boolean commits;
    private boolean uncommitted;
    private volatile Set<TopicPartition> stuck = Set.of();
    private final Queue<Commit> asked = new ConcurrentLinkedQueue<>();

    Member(Map<String, Object> settings, JsonNode request) {
        consumer = new KafkaConsumer<>(settings);
        consumer.subscribe(Arguments.texts(request.get("topics")));
        commits = request.path("commits").asBoolean(true);
        setRate(request.path("records_per_second").asDouble(0));
    }

    @Override
    void step() throws Exception {
        pauseStuck();
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
        rest(records.count());
        uncommitted |= commits && !records.isEmpty();
        try {
            if (uncommitted) {
                consumer.commitSync();
                uncommitted = false;
            }
            commitAsked();
        } catch (CommitFailedException | RebalanceInProgressException e) {
            // The group rebalances: polls go on with that, and then it is committed.
        }
    }

    private void pauseStuck() {
        Set<TopicPartition> held = new HashSet<>(consumer.assignment());
        held.retainAll(stuck);
        if (!held.equals(consumer.paused())) {
            consumer.resume(consumer.paused());
            consumer.pause(held);
        }
    }

    /** From now on these of its partitions are kept but not read. */
    void setStuck(Set<TopicPartition> partitions) {
        stuck = partitions;
    }

    private void commitAsked() {
        for (Commit commit = asked.peek(); commit != null; commit = asked.peek()) {
            try {
                consumer.commitSync(commit.offsets);
                commit.done.complete(null);
            } catch (CommitFailedException | RebalanceInProgressException e) {
                throw e;
            } catch (RuntimeException e) {
                commit.done.completeExceptionally(e);
            }
            asked.remove();
        }
    }

    /** Commits in the member's own thread; waits for it. REQUIRES: not paused. */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets) throws Exception {
        Commit commit = new Commit(offsets);
        asked.add(commit);
        commit.done.get(30, TimeUnit.SECONDS);
    }

    @Override
    void close() {
        consumer.close();
    }
}
