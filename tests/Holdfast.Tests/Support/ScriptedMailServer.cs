using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Tests.Support;

/// <summary>A mail server that does just what a test tells it, the wrong things above all. It remembers what it was told, and how much of that in the clear.</summary>
public sealed class ScriptedMailServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    private ScriptedMailServer(Func<Peer, Task> script, IPAddress address)
    {
        _listener = new TcpListener(address, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _running = Serve(script);
    }

    public int Port { get; }

    /// <summary>Lines received before and inside TLS.</summary>
    public List<string> InClear { get; } = [];

    public List<string> InTls { get; } = [];

    public static ScriptedMailServer That(Func<Peer, Task> script, IPAddress? address = null) => new(script, address ?? IPAddress.Loopback);

    /// <summary>Says yes to everything, but answers a command that begins with <paramref name="verb"/> (or "greeting", "content") by <paramref name="reply"/>.</summary>
    public static ScriptedMailServer Answering(string verb, string reply, params string[] offers) => That(async peer =>
    {
        await peer.Say(verb == "greeting" ? reply : "220 mail.example ready");
        while (await peer.Hear() is { } line)
        {
            if (line.StartsWith(verb, StringComparison.Ordinal)) await peer.Say(reply);
            else if (line.StartsWith("EHLO", StringComparison.Ordinal)) await peer.Say(string.Join("\r\n", offers.Prepend("mail.example").Select((o, i) => $"250{(i == offers.Length ? ' ' : '-')}{o}")));
            else if (line.StartsWith("AUTH", StringComparison.Ordinal))
            {
                await peer.Say("334 ");
                await peer.Hear();
                await peer.Say("235 welcome");
            }
            else if (line.StartsWith("DATA", StringComparison.Ordinal)) await peer.Say("354 go on");
            else if (line == ".") await peer.Say(verb == "content" ? reply : "250 taken");
            else if (line == "QUIT") await peer.Say("221 bye");
            else if (line.StartsWith("MAIL FROM", StringComparison.Ordinal) || line.StartsWith("RCPT TO", StringComparison.Ordinal)) await peer.Say("250 fine");
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task Serve(Func<Peer, Task> script)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                using var peer = new Peer(this, client, _end.Token);
                try
                {
                    await script(peer);
                }
                catch (IOException)
                {
                    // The client went away: what it does then is what the test looks at.
                }
                catch (System.Security.Authentication.AuthenticationException)
                {
                    // It did not believe our certificate.
                }
            }
        }
        catch (Exception e) when (_end.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    /// <summary>The server's end of one connection.</summary>
    public sealed class Peer(ScriptedMailServer server, TcpClient client, CancellationToken end) : IDisposable
    {
        private Stream _stream = client.GetStream();
        private bool _encrypted;

        public CancellationToken End { get; } = end;

        public Task Say(string line) => Raw(line + "\r\n");

        public async Task Raw(string text)
        {
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), End);
            await _stream.FlushAsync(End);
        }

        /// <summary>The next line without its end; null when the client has gone.</summary>
        public async Task<string?> Hear()
        {
            var line = new List<byte>();
            var one = new byte[1];
            while (await _stream.ReadAsync(one, End) == 1)
            {
                if (one[0] == '\n')
                {
                    var text = Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                    (_encrypted ? server.InTls : server.InClear).Add(text);
                    return text;
                }
                line.Add(one[0]);
            }
            return null;
        }

        public async Task Encrypt(TestCertificates certificates)
        {
            var tls = new SslStream(_stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificates.Server }, End);
            _stream = tls;
            _encrypted = true;
        }

        /// <summary>Hangs up without a word, so that the client sees a broken connection.</summary>
        public void Cut()
        {
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }

        /// <summary>Says nothing more until the test is over.</summary>
        public Task Sleep() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, End);

        public void Dispose() => _stream.Dispose();
    }
}
