using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Holdfast.Features.Passwords;

/// <summary>
/// Threads of their own for work that fills a core for long, with a queue that ends: hashing never starves the thread pool that answers
/// requests, and a flood of sign-ins becomes an early "no" instead of a long wait.
/// </summary>
internal sealed partial class BoundedThreads : IDisposable
{
    /// <summary>Linux keeps niceness for each thread (sched(7)): 5 lets requests be answered first while hashes still move.</summary>
    private const int Niceness = 5;

    private readonly Lock _gate = new();
    private readonly Queue<Job> _waiting = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly Thread[] _threads;
    private int _busy;
    private bool _disposed;

    /// <param name="threads">How many work at once, 1 or more.</param>
    /// <param name="capacity">How many may wait while all threads are busy, 1 or more.</param>
    public BoundedThreads(int threads, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _threads = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"hash-{i}") };
            _threads[i].UnsafeStart(); // Without the caller's execution context: a request's values must not live on here.
        }
    }

    public int Capacity { get; }

    /// <summary>Jobs that no thread has taken and none is free to take.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return Math.Max(0, _waiting.Count - (_threads.Length - _busy));
        }
    }

    /// <summary>Queues <paramref name="work"/>; false when the queue is full.</summary>
    /// <param name="cancel">Frees the caller at once. Work that has not begun is dropped; work that has begun runs to its end unseen.</param>
    /// <exception cref="ObjectDisposedException">The server is stopping. Those who wait at that moment get it too.</exception>
    public bool TryRun<T>(Func<T> work, CancellationToken cancel, [NotNullWhen(true)] out Task<T>? result)
    {
        var job = new Job<T>(work, cancel);
        result = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // A free thread will take its job at once, whether or not it has woken up yet.
            if (_waiting.Count - (_threads.Length - _busy) >= Capacity) return false;
            job.FreeTheCallerWhenCancelled();
            _waiting.Enqueue(job);
        }
        _ready.Release();
        result = job.Task;
        return true;
    }

    public void Dispose()
    {
        Job[] left;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            left = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var job in left) job.Fail(new ObjectDisposedException(nameof(BoundedThreads)));
        _ready.Release(_threads.Length);
        // What runs is a hash or one look at a password: it ends by itself.
        foreach (var thread in _threads)
        {
            if (thread != Thread.CurrentThread) thread.Join();
        }
    }

    private void Work()
    {
        YieldToRequests();
        // Results must not depend on the machine's language: the Turkish i is another letter.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        while (true)
        {
            _ready.Wait();
            Job? job;
            lock (_gate)
            {
                if (_disposed) return;
                if (!_waiting.TryDequeue(out job)) continue;
                _busy++;
            }
            try
            {
                job.Run();
            }
            finally
            {
                lock (_gate) _busy--;
                job.Report();
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Niceness is a courtesy: without it the work is as right as with it.")]
    private static void YieldToRequests()
    {
        try
        {
            _ = SetPriority(0, 0, Niceness); // PRIO_PROCESS with 0 is the calling thread on Linux.
        }
        catch (Exception)
        {
            // Another C library or another system.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    private abstract class Job
    {
        /// <summary>Does the work and keeps the answer.</summary>
        public abstract void Run();

        /// <summary>Hands the answer over, after the thread counts as free again: who sees the answer also sees the room in the queue.</summary>
        public abstract void Report();

        public abstract void Fail(Exception error);
    }

    private sealed class Job<T>(Func<T> work, CancellationToken cancel) : Job
    {
        // Asynchronous continuations: the caller's next steps belong to the thread pool, not to a thread for hashing.
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationTokenRegistration _registration;
        private T? _value;
        private Exception? _error;
        private bool _ran;

        public Task<T> Task => _result.Task;

        // Nobody awaits the task yet, and later its continuations run elsewhere: no foreign code runs inside the caller's lock.
        public void FreeTheCallerWhenCancelled()
        {
            if (cancel.CanBeCanceled) _registration = cancel.UnsafeRegister(static (job, token) => ((Job<T>)job!)._result.TrySetCanceled(token), this);
        }

        [SuppressMessage("Design", "CA1031", Justification = "The exception reaches whoever awaits the task.")]
        public override void Run()
        {
            if (cancel.IsCancellationRequested || _result.Task.IsCompleted) return;
            try
            {
                _value = work();
                _ran = true;
            }
            catch (Exception error)
            {
                _error = error;
            }
        }

        public override void Report()
        {
            _registration.Dispose();
            if (_error is not null) _result.TrySetException(_error);
            else if (_ran) _result.TrySetResult(_value!);
            else _result.TrySetCanceled(cancel);
        }

        public override void Fail(Exception error)
        {
            _registration.Dispose();
            _result.TrySetException(error);
        }
    }
}
