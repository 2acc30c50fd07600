using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Mail;

/// <summary>The other side broke the protocol, or seems to be under attack. The message is our own words, fit for the log.</summary>
internal sealed class SmtpFailure(string message) : Exception(message);

/// <summary>Lines to and from a mail server, over a connection that may become encrypted once. Knows nothing of what the lines mean.</summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    /// <summary>RFC 5321 §4.5.3.1.5 allows 512 bytes; some servers write more.</summary>
    private const int LongestReplyLine = 4096;

    private const int MostReplyLines = 100;

    private readonly TcpClient _client;
    private readonly byte[] _buffer = new byte[LongestReplyLine];
    private Stream _stream;
    private int _start;
    private int _end;

    private SmtpConnection(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public bool Encrypted => _stream is SslStream;

    /// <summary>By the address that really answered, not by its name.</summary>
    public bool IsLoopback => _client.Client.RemoteEndPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address);

    public static async Task<SmtpConnection> Open(string host, int port, CancellationToken stop)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(host, port, stop);
            return new SmtpConnection(client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>
    /// From here on nothing is plain. Whatever came before the handshake was not protected and may be a stranger's: instead of being read as the first
    /// reply inside TLS (the flaw of CVE-2011-0411 and its kin) it ends the conversation.
    /// </summary>
    public async Task Encrypt(SslClientAuthenticationOptions options, CancellationToken stop)
    {
        if (_start < _end) throw new SmtpFailure("text came in the clear behind the server's reply to STARTTLS: somebody may be meddling with the connection");
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsClientAsync(options, stop);
    }

    /// <param name="line">One command without its line end.</param>
    public async Task Send(string line, CancellationToken stop)
    {
        if (line.AsSpan().IndexOfAny("\r\n\0") >= 0) throw new ArgumentException("A command is one line", nameof(line));
        await Send(Encoding.UTF8.GetBytes(line + "\r\n"), stop);
    }

    public async Task Send(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        await _stream.WriteAsync(bytes, stop);
        await _stream.FlushAsync(stop);
    }

    /// <summary>One reply with all its lines (RFC 5321 §4.2.1).</summary>
    /// <exception cref="SmtpFailure">No reply of SMTP, one without end, or the connection was closed.</exception>
    public async Task<SmtpReply> Read(CancellationToken stop)
    {
        var code = 0;
        var lines = new List<string>();
        while (true)
        {
            var line = await ReadLine(stop);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), System.Globalization.NumberStyles.None, null, out var its) || its is < 200 or > 599 || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw new SmtpFailure("the server's answer is not SMTP");
            }
            if (lines.Count > 0 && its != code) throw new SmtpFailure("the lines of one reply have different codes");
            code = its;
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ') return new SmtpReply(code, lines);
            if (lines.Count == MostReplyLines) throw new SmtpFailure($"a reply has more than {MostReplyLines} lines");
        }
    }

    private async Task<string> ReadLine(CancellationToken stop)
    {
        var seen = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = _buffer.AsSpan(_start, seen + found);
                _start += seen + found + 1;
                if (line is [.., (byte)'\r']) line = line[..^1];
                // Latin-1 keeps every byte apart; what goes to the log is cleaned to ASCII later.
                return Encoding.Latin1.GetString(line);
            }
            seen = _end - _start;
            if (seen == LongestReplyLine) throw new SmtpFailure($"a reply line is longer than {LongestReplyLine} bytes");
            if (_start > 0)
            {
                _buffer.AsSpan(_start, seen).CopyTo(_buffer);
                _start = 0;
                _end = seen;
            }
            var read = await _stream.ReadAsync(_buffer.AsMemory(_end), stop);
            if (read == 0) throw new SmtpFailure("the server closed the connection");
            _end += read;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException)
        {
            // The farewell of TLS has nobody to hear it.
        }
        _client.Dispose();
    }

    /// <summary>
    /// The content as DATA wants it (RFC 5321 §4.5.2, §2.3.8): every line end CRLF, a dot more before each line that begins with one, and the lone dot that ends it all.
    /// </summary>
    public static byte[] AsData(ReadOnlySpan<byte> content)
    {
        var output = new ArrayBufferWriter<byte>(content.Length + 64);
        var lineStart = true;
        for (var i = 0; i < content.Length; i++)
        {
            var b = content[i];
            if (b is (byte)'\r' or (byte)'\n')
            {
                if (b == '\r' && i + 1 < content.Length && content[i + 1] == '\n') i++;
                output.Write("\r\n"u8);
                lineStart = true;
                continue;
            }
            if (lineStart && b == '.') output.Write("."u8);
            output.Write([b]);
            lineStart = false;
        }
        if (!lineStart) output.Write("\r\n"u8);
        output.Write(".\r\n"u8);
        return output.WrittenSpan.ToArray();
    }
}
