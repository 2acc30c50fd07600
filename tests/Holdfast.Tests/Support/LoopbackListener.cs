using System.Net;

namespace Holdfast.Tests.Support;

/// <summary>A small server of somebody else's, on a free port of this machine, that answers as it is told.</summary>
public sealed class LoopbackListener : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _running;

    /// <param name="answer">Answers one call, and closes it.</param>
    public LoopbackListener(Func<HttpListenerContext, Task> answer)
    {
        (_listener, Address) = Listen();
        _running = Run(answer);
    }

    /// <summary>Without a slash at its end.</summary>
    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _running;
        _listener.Close();
    }

    private static (HttpListener Listener, string Address) Listen()
    {
        for (var port = 21000 + (Environment.ProcessId % 500 * 17); ; port++)
        {
            // One that could not start is of no use any more.
            var listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                return (listener, $"http://127.0.0.1:{port}");
            }
            catch (HttpListenerException)
            {
                listener.Close();
            }
        }
    }

    private async Task Run(Func<HttpListenerContext, Task> answer)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            await answer(context);
        }
    }
}
