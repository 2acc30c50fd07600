using System.Security.Cryptography;
using Holdfast.Secrets;
using Microsoft.AspNetCore.DataProtection;

namespace Holdfast.Web;

/// <summary>
/// Lets the framework's anti-forgery seal its values with our key ring: one set of keys outside the database, the same on every node, nothing written to a home folder.
/// </summary>
internal sealed class KeyRingProtection(KeyRing keys, string purpose = "framework") : IDataProtector
{
    public IDataProtector CreateProtector(string purpose1) => new KeyRingProtection(keys, purpose + "\n" + purpose1);

    public byte[] Protect(byte[] plaintext) => keys.Seal(purpose, plaintext);

    public byte[] Unprotect(byte[] protectedData) => keys.Open(purpose, protectedData) ?? throw new CryptographicException("Sealed by other keys, or altered");
}
