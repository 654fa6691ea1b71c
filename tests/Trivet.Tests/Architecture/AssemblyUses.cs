using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Trivet.Tests.Architecture;

/// <summary>What a compiled assembly references, and which of its types mention which types. Read from metadata; nothing is loaded or run.</summary>
internal sealed class AssemblyUses
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _file;
    private readonly HashSet<TypeUse> _uses = [];
    private readonly NamesInSignatures _names;

    private AssemblyUses(PEReader file)
    {
        _file = file;
        _metadata = file.GetMetadataReader();
        _names = new NamesInSignatures(this);
        Name = _metadata.GetString(_metadata.GetAssemblyDefinition().Name);
        References = [.. _metadata.AssemblyReferences.Select(r => _metadata.GetString(_metadata.GetAssemblyReference(r).Name))];
    }

    public string Name { get; }

    /// <summary>The assemblies that this one was compiled against and really uses.</summary>
    public ImmutableArray<string> References { get; }

    public IReadOnlyCollection<TypeUse> Uses => _uses;

    public static AssemblyUses Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var result = new AssemblyUses(file);
        foreach (var handle in result._metadata.TypeDefinitions)
        {
            result.ReadType(handle);
        }

        return result;
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var from = NameOf(handle);
        if (from.Namespace.Length == 0)
        {
            return; // <Module>, <PrivateImplementationDetails>: the compiler's own
        }

        Add(from, type.BaseType, null);
        Add(from, type.GetCustomAttributes());
        foreach (var i in type.GetInterfaceImplementations())
        {
            Add(from, _metadata.GetInterfaceImplementation(i).Interface, null);
        }

        foreach (var f in type.GetFields())
        {
            var field = _metadata.GetFieldDefinition(f);
            Add(from, field.DecodeSignature(_names, null));
            Add(from, field.GetCustomAttributes());
        }

        foreach (var m in type.GetMethods())
        {
            ReadMethod(from, _metadata.GetMethodDefinition(m));
        }
    }

    private void ReadMethod(TypeName from, MethodDefinition method)
    {
        Add(from, method.DecodeSignature(_names, null));
        Add(from, method.GetCustomAttributes());
        foreach (var p in method.GetGenericParameters())
        {
            foreach (var c in _metadata.GetGenericParameter(p).GetConstraints())
            {
                Add(from, _metadata.GetGenericParameterConstraint(c).Type, null);
            }
        }

        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            foreach (var local in _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null))
            {
                Add(from, local);
            }
        }

        foreach (var region in body.ExceptionRegions)
        {
            Add(from, region.CatchType, null);
        }

        foreach (var token in IlTokens.Read(body.GetILReader()))
        {
            Add(from, token, null);
        }
    }

    private void Add(TypeName from, EntityHandle handle, string? member)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeReference:
                Add(from, NameOf((TypeReferenceHandle)handle), member);
                break;
            case HandleKind.TypeDefinition:
                Add(from, NameOf((TypeDefinitionHandle)handle), member);
                break;
            case HandleKind.TypeSpecification:
                Add(from, _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_names, null), member);
                break;
            case HandleKind.MethodSpecification:
                var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(from, generic.Method, null);
                foreach (var argument in generic.DecodeSignature(_names, null))
                {
                    Add(from, argument);
                }

                break;
            case HandleKind.MemberReference:
                AddMember(from, _metadata.GetMemberReference((MemberReferenceHandle)handle));
                break;
            case HandleKind.MethodDefinition:
                var method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(from, NameOf(method.GetDeclaringType()), _metadata.GetString(method.Name));
                break;
            case HandleKind.FieldDefinition:
                var field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(from, NameOf(field.GetDeclaringType()), _metadata.GetString(field.Name));
                break;
        }
    }

    private void AddMember(TypeName from, MemberReference member)
    {
        Add(from, member.Parent, _metadata.GetString(member.Name));
        if (member.GetKind() == MemberReferenceKind.Method)
        {
            Add(from, member.DecodeMethodSignature(_names, null));
        }
        else
        {
            Add(from, member.DecodeFieldSignature(_names, null));
        }
    }

    private void Add(TypeName from, MethodSignature<ImmutableArray<TypeName>> signature)
    {
        Add(from, signature.ReturnType);
        foreach (var parameter in signature.ParameterTypes)
        {
            Add(from, parameter);
        }
    }

    private void Add(TypeName from, CustomAttributeHandleCollection attributes)
    {
        foreach (var a in attributes)
        {
            Add(from, _metadata.GetCustomAttribute(a).Constructor, null);
        }
    }

    private void Add(TypeName from, ImmutableArray<TypeName> names, string? member = null)
    {
        foreach (var to in names)
        {
            Add(from, to, member);
        }
    }

    private void Add(TypeName from, TypeName to, string? member)
    {
        if (to != from && to.Namespace.Length > 0)
        {
            _uses.Add(new TypeUse(from, to, member));
        }
    }

    private TypeName NameOf(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var outer = type.GetDeclaringType();
        return outer.IsNil ? new TypeName(Name, _metadata.GetString(type.Namespace), _metadata.GetString(type.Name)) : NameOf(outer);
    }

    private TypeName NameOf(TypeReferenceHandle handle)
    {
        var type = _metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => NameOf((TypeReferenceHandle)type.ResolutionScope),
            HandleKind.AssemblyReference => new TypeName(
                _metadata.GetString(_metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name), _metadata.GetString(type.Namespace), _metadata.GetString(type.Name)),
            _ => new TypeName(Name, _metadata.GetString(type.Namespace), _metadata.GetString(type.Name)),
        };
    }

    /// <summary>A signature as the flat list of the named types in it.</summary>
    private sealed class NamesInSignatures(AssemblyUses owner) : ISignatureTypeProvider<ImmutableArray<TypeName>, object?>
    {
        public ImmutableArray<TypeName> GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

        public ImmutableArray<TypeName> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [owner.NameOf(handle)];

        public ImmutableArray<TypeName> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [owner.NameOf(handle)];

        public ImmutableArray<TypeName> GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public ImmutableArray<TypeName> GetGenericInstantiation(ImmutableArray<TypeName> genericType, ImmutableArray<ImmutableArray<TypeName>> typeArguments) =>
            [.. genericType, .. typeArguments.SelectMany(a => a)];

        public ImmutableArray<TypeName> GetFunctionPointerType(MethodSignature<ImmutableArray<TypeName>> signature) =>
            [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(p => p)];

        public ImmutableArray<TypeName> GetModifiedType(ImmutableArray<TypeName> modifier, ImmutableArray<TypeName> unmodifiedType, bool isRequired) => unmodifiedType;

        public ImmutableArray<TypeName> GetArrayType(ImmutableArray<TypeName> elementType, ArrayShape shape) => elementType;

        public ImmutableArray<TypeName> GetByReferenceType(ImmutableArray<TypeName> elementType) => elementType;

        public ImmutableArray<TypeName> GetPinnedType(ImmutableArray<TypeName> elementType) => elementType;

        public ImmutableArray<TypeName> GetPointerType(ImmutableArray<TypeName> elementType) => elementType;

        public ImmutableArray<TypeName> GetSZArrayType(ImmutableArray<TypeName> elementType) => elementType;

        public ImmutableArray<TypeName> GetGenericMethodParameter(object? genericContext, int index) => [];

        public ImmutableArray<TypeName> GetGenericTypeParameter(object? genericContext, int index) => [];
    }
}
