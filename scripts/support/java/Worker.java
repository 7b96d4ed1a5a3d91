import java.util.concurrent.atomic.AtomicReference;

/** A thread that works step by step, unless paused, until it is told to finish. */
abstract class Worker extends Thread {
    private boolean paused;
    private boolean finished;
    private double perSecond; // 0: without limit
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    Worker() {
        setDaemon(true);
    }

    abstract void step() throws Exception;

    abstract void close() throws Exception;

    @Override
    public void run() {
        try {
            while (mayGoOn()) {
                step();
            }
        } catch (Exception e) {
            failure.set(e);
            System.err.println("worker failed: " + e);
        }
        try {
            close();
        } catch (Exception e) {
            failure.compareAndSet(null, e);
        }
    }

    synchronized boolean mayGoOn() throws InterruptedException {
        while (paused && !finished) {
            wait();
        }
        return !finished;
    }

    synchronized void setPaused(boolean value) {
        paused = value;
        notifyAll();
    }

    synchronized void finish() {
        finished = true;
        notifyAll();
    }

    synchronized double rate() {
        return perSecond;
    }

    synchronized void setRate(double recordsPerSecond) {
        perSecond = recordsPerSecond;
        notifyAll();
    }

    /** Rests so long that `records` are not more than the rate allows; finish() ends the rest. */
    synchronized void rest(int records) throws InterruptedException {
        long begun = System.nanoTime();
        while (perSecond > 0 && !finished) {
            long left = begun + (long) (records / perSecond * 1e9) - System.nanoTime();
            if (left <= 0) {
                return;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    void rethrow() throws Exception {
        if (failure.get() != null) {
            throw failure.get();
        }
    }
}
