using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Features.Passkeys;

/// <summary>
/// What the framework's handler reads of one person, in memory. It asks no database: the handler takes every exception for a wrong passkey, and a database that does not answer is none.
/// </summary>
/// <remarks>The counter that it sees is 0: whether it has gone on is asked by the statement that stores it (<see cref="PasskeyTable.Accept"/>).</remarks>
internal sealed class PasskeyStore(PasskeyHolder? holder) : IUserPasskeyStore<PasskeyHolder>
{
    /// <summary>A manager for this one question. It has no validators, hashers or providers: nothing but look-ups goes through it.</summary>
    public static UserManager<PasskeyHolder> Manager(PasskeyHolder? holder) =>
        new(new PasskeyStore(holder), null!, null!, [], [], null!, null!, null!, NullLogger<UserManager<PasskeyHolder>>.Instance);

    public Task<PasskeyHolder?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(string.Equals(userId, holder?.Handle, StringComparison.Ordinal) ? holder : null);

    public Task<string> GetUserIdAsync(PasskeyHolder user, CancellationToken cancellationToken) => Task.FromResult(user.Handle);

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PasskeyHolder user, CancellationToken cancellationToken) => Task.FromResult<IList<UserPasskeyInfo>>([.. user.Passkeys.Select(Show)]);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(PasskeyHolder user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(user.Passkeys.FirstOrDefault(p => p.CredentialId.AsSpan().SequenceEqual(credentialId)) is { } found ? Show(found) : null);

    /// <summary>Whether somebody has it already is for the table to say, when it is stored.</summary>
    public Task<PasskeyHolder?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) => Task.FromResult<PasskeyHolder?>(null);

    public void Dispose()
    {
    }

    // The handler only looks. What changes goes through the tables.
    public Task AddOrUpdatePasskeyAsync(PasskeyHolder user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(PasskeyHolder user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetUserNameAsync(PasskeyHolder user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(PasskeyHolder user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(PasskeyHolder user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(PasskeyHolder user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PasskeyHolder?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(PasskeyHolder user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(PasskeyHolder user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(PasskeyHolder user, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static UserPasskeyInfo Show(Passkey p) => new(p.CredentialId, p.PublicKey, p.AddedAt, 0, [.. p.TransportList], isUserVerified: true, p.BackupEligible, p.BackedUp, [], []);
}
