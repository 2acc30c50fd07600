using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Bench;

/// <summary>
/// The least that an answer costs on this framework: a constant, and a constant after a hash and a look-up among a million sessions in memory.
/// Written without any of the server's code, so that a slow spot there is not in the floor as well.
/// </summary>
internal static class Floor
{
    public const string Constant = "constant";
    public const string Memory = "memory";
    private const int Sessions = 1_000_000;
    private const string CookieName = "__Host-holdfast=";

    /// <summary>The token that the floor of kind <see cref="Memory"/> knows: any would do, this one is easily told.</summary>
    public static readonly string Token = Base64Url.EncodeToString(SHA256.HashData("the one session that is asked for"u8));

    public static async Task<int> Run(string kind, int bytes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // As the server has them.
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        await using var app = builder.Build();
        var body = Body(bytes);
        var sessions = kind == Memory ? Remember(body) : [];
        app.MapGet("/api/v1/session", kind == Memory ? context => AnswerKnown(context, sessions) : context => Answer(context, body));
        await app.StartAsync();
        await Console.Out.WriteLineAsync($"The floor is ready: {app.Urls.First()}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static Task AnswerKnown(HttpContext context, ConcurrentDictionary<Hash, byte[]> sessions)
    {
        var cookie = context.Request.Headers.Cookie.ToString().AsSpan();
        var at = cookie.IndexOf(CookieName, StringComparison.Ordinal);
        if (at >= 0 && Hash.TryOf(cookie[(at + CookieName.Length)..], out var hash) && sessions.TryGetValue(hash, out var body)) return Answer(context, body);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private static Task Answer(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }

    private static byte[] Body(int bytes) => [.. "{\"x\":\""u8, .. Enumerable.Repeat((byte)'x', Math.Max(0, bytes - 8)), .. "\"}"u8];

    private static ConcurrentDictionary<Hash, byte[]> Remember(byte[] body)
    {
        var sessions = new ConcurrentDictionary<Hash, byte[]>(Environment.ProcessorCount, Sessions);
        for (var i = 1; i < Sessions; i++) sessions[Hash.Of(RandomNumberGenerator.GetBytes(32))] = body;
        _ = Hash.TryOf(Token, out var known);
        sessions[known] = body;
        return sessions;
    }

    private readonly record struct Hash(ulong A, ulong B, ulong C, ulong D)
    {
        public static bool TryOf(ReadOnlySpan<char> text, out Hash hash)
        {
            Span<byte> token = stackalloc byte[32];
            var read = Base64Url.TryDecodeFromChars(text, token, out var written) && written == token.Length;
            hash = read ? Of(token) : default;
            return read;
        }

        public static Hash Of(ReadOnlySpan<byte> token)
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(token, hash);
            return new Hash(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]), BitConverter.ToUInt64(hash[16..]), BitConverter.ToUInt64(hash[24..]));
        }
    }
}
