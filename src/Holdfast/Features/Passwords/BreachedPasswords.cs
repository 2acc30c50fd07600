using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Features.Passwords;

/// <summary>Refuses passwords that are known from breaches (SP 800-63B-4 §3.1.1.2, ASVS 6.2.12), by an offline file or a range service as <c>Passwords:BreachCheck</c> says.</summary>
public sealed class BreachedPasswords : IDisposable
{
    private readonly PasswordSettings _settings;
    private readonly ILogger _log;
    private readonly BreachService? _service;

    public BreachedPasswords(PasswordSettings settings, ILogger<BreachedPasswords>? log = null)
    {
        _settings = settings;
        _log = log ?? NullLogger<BreachedPasswords>.Instance;
        if (settings.BreachCheck == BreachCheck.Service) _service = new BreachService(settings);
    }

    /// <summary>
    /// Null when the password may be used. <c>password.breached</c> (400) when it is listed. When the service does not answer, or the file cannot be
    /// read: <c>password.breach_service_down</c> (503, again in 60 s) with <c>Passwords:BreachServiceDown</c> = Refuse; with Allow a warning in the log and null.
    /// </summary>
    public async Task<Refusal?> Check(PlainPassword password, string field = "newPassword", CancellationToken cancel = default)
    {
        if (_settings.BreachCheck == BreachCheck.Off) return null;
        try
        {
            return await IsListed(Sha1(password), cancel) ? new Refusal("password.breached", 400, field) : null;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested && error is (HttpRequestException or OperationCanceledException or IOException or InvalidDataException or UnauthorizedAccessException))
        {
            _log.LogWarning(error, "Passwords cannot be compared with known breaches ({BreachCheck}); Passwords:BreachServiceDown is {BreachServiceDown}", _settings.BreachCheck, _settings.BreachServiceDown);
            return _settings.BreachServiceDown == BreachServiceDown.Allow ? null : new Refusal("password.breach_service_down", 503, RetryAfter: TimeSpan.FromSeconds(60));
        }
    }

    public void Dispose() => _service?.Dispose();

    private async Task<bool> IsListed(byte[] hash, CancellationToken cancel)
    {
        if (_service is not null) return await _service.Contains(hash, cancel);
        // Opened for each look: a newer file can be moved into its place at any time.
        await using var file = new FileStream(_settings.BreachFile!, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.RandomAccess });
        return await BreachFile.Contains(file, hash, cancel);
    }

    // SHA-1 is the key of all published breach lists: a name to look up by, not a protection. Nothing is stored under it.
    [SuppressMessage("Security", "CA5350", Justification = "The lists and the range protocol ask for SHA-1.")]
    private static byte[] Sha1(PlainPassword password)
    {
        var bytes = password.RevealBytes();
        var hash = SHA1.HashData(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return hash;
    }
}
