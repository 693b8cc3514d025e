package desk.jobs;

import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

public final class Poller implements Runnable {
    private static final Logger LOG = Logger.getLogger(Poller.class.getName());

    private final Runnable task;
    private final Duration pause;

    public Poller(Runnable task, Duration pause) {
        this.task = task;
        this.pause = pause;
    }

    @Override
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                task.run();
            } catch (RuntimeException failed) {
                LOG.log(Level.WARNING, "a poll failed, the next one follows", failed);
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
