import java.util.concurrent.atomic.AtomicReference;

/** A thread that works step by step, unless paused, until it is told to finish. */
abstract class Worker extends Thread {
    private boolean paused;
    private boolean finished;
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

    /** Rests so long that `records` are not more than `perSecond`; finish() ends the rest. */
    synchronized void rest(int records, double perSecond) throws InterruptedException {
        long until = System.nanoTime() + (long) (records / perSecond * 1e9);
        for (long left = until - System.nanoTime(); left > 0 && !finished;
                left = until - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    void rethrow() throws Exception {
        if (failure.get() != null) {
            throw failure.get();
        }
    }
}
